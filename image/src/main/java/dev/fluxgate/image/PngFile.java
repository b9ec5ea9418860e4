package dev.fluxgate.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A PNG file that was read: its pixels without alpha, and its text. Files come from anywhere, so
 * lengths, checksums and the size are checked before ImageIO sees the pixels.
 *
 * @param image the pixels; transparency is dropped, not blended; grey and palettes become RGB
 * @param text keyword → text, in file order; of equal keywords the first
 */
public record PngFile(RgbImage image, Map<String, String> text) {
  /** Most pixels of a picture that is read: what a bomb may cost. */
  public static final long MAX_PIXELS = 1L << 26;

  private static final int HEADER_BYTES = 13;

  /** Keeps the order of the texts. */
  public PngFile {
    text = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(text));
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read at all
   * @throws MalformedImageException if it is no PNG, is damaged or too large
   */
  public static PngFile read(Path file) throws IOException {
    return decode(file.toString(), Files.readAllBytes(file));
  }

  /**
   * Reads the bytes of a file.
   *
   * @param name what to call the file in errors
   * @throws MalformedImageException if they are no PNG, are damaged or the picture is too large
   */
  public static PngFile decode(String name, byte[] file) {
    List<PngChunk> chunks = PngChunk.readAll(name, file);
    checkSize(name, chunks.getFirst());
    Map<String, String> text = new LinkedHashMap<>();
    for (PngChunk chunk : chunks) {
      if (PngText.isText(chunk)) {
        PngText entry = PngText.read(name, chunk);
        text.putIfAbsent(entry.keyword(), entry.text());
      }
    }
    return new PngFile(pixels(name, file), text);
  }

  private static void checkSize(String name, PngChunk header) {
    if (!header.type().equals("IHDR") || header.content().remaining() != HEADER_BYTES) {
      throw new MalformedImageException(
          name + ": begins with " + header.type() + " (expected: a header IHDR of 13 bytes)");
    }
    long width = header.content().getInt(0);
    long height = header.content().getInt(4);
    if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
      throw new MalformedImageException(
          name
              + ": "
              + width
              + " x "
              + height
              + " (expected: at least 1 x 1 and at most "
              + MAX_PIXELS
              + " pixels)");
    }
  }

  private static RgbImage pixels(String name, byte[] file) {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    // The stream is memory: without this ImageIO may copy it to a temporary file.
    try (ImageInputStream in =
        new javax.imageio.stream.MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      return toRgb(reader.read(0));
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new MalformedImageException(
          name + ": " + e.getMessage() + " (expected: a readable PNG file)", e);
    } finally {
      reader.dispose();
    }
  }

  private static RgbImage toRgb(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] row = new int[width];
    byte[] rgb = new byte[RgbImage.CHANNELS * width * height];
    int at = 0;
    for (int y = 0; y < height; y++) {
      picture.getRGB(0, y, width, 1, row, 0, width);
      for (int pixel : row) {
        rgb[at++] = (byte) (pixel >> 16);
        rgb[at++] = (byte) (pixel >> 8);
        rgb[at++] = (byte) pixel;
      }
    }
    return new RgbImage(width, height, rgb);
  }
}
