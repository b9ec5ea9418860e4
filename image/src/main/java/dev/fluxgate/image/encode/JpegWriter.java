package dev.fluxgate.image.encode;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fluxgate.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** JFIF files of quality 95, one chroma sample a pixel. */
final class JpegWriter {
  private static final float QUALITY = 0.95f;
  private static final String METADATA = "javax_imageio_jpeg_image_1.0";
  private static final byte[] EXIF_MARK = "Exif\0\0".getBytes(US_ASCII);

  /** A segment's length counts itself and has 16 bits. */
  static final int MAX_EXIF_BYTES = 0xFFFF - 2 - 6;

  private static final int MAX_SIDE = 65500;

  private JpegWriter() {}

  /**
   * The file, with {@code exif}, of at most {@link #MAX_EXIF_BYTES}, behind its header if that has
   * bytes.
   */
  static byte[] encode(RgbImage image, byte[] exif) {
    if (image.width() > MAX_SIDE || image.height() > MAX_SIDE) {
      throw new IllegalArgumentException(
          "size: %d x %d (expected: at most %d each way in a JPEG)"
              .formatted(image.width(), image.height(), MAX_SIDE));
    }
    byte[] plain = compress(Pixels.of(image));
    if (exif.length == 0) {
      return plain;
    }
    int segment = 2 + EXIF_MARK.length + exif.length;
    // SOI, then APP0 with its length.
    int header = 4 + Short.toUnsignedInt(ByteBuffer.wrap(plain).getShort(4));
    ByteBuffer file = ByteBuffer.allocate(plain.length + 2 + segment);
    file.put(plain, 0, header);
    file.put((byte) 0xFF).put((byte) 0xE1).putShort((short) segment).put(EXIF_MARK).put(exif);
    file.put(plain, header, plain.length - header);
    return file.array();
  }

  private static byte[] compress(BufferedImage pixels) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(QUALITY);
      IIOMetadata metadata =
          writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(pixels), param);
      sampleEveryPixel(metadata);
      writer.setOutput(out);
      writer.write(null, new IIOImage(pixels, null, metadata), param);
    } catch (IOException e) {
      throw new UncheckedIOException("JPEG into memory", e);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  private static void sampleEveryPixel(IIOMetadata metadata) throws IIOInvalidTreeException {
    IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(METADATA);
    NodeList components = tree.getElementsByTagName("componentSpec");
    for (int i = 0; i < components.getLength(); i++) {
      Element component = (Element) components.item(i);
      component.setAttribute("HsamplingFactor", "1");
      component.setAttribute("VsamplingFactor", "1");
    }
    metadata.setFromTree(METADATA, tree);
  }
}
