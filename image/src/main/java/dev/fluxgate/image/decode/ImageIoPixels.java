package dev.fluxgate.image.decode;

import dev.fluxgate.image.MalformedImageException;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Samples as ImageIO reads them, before any conversion of colours. A warning is an error. */
final class ImageIoPixels {
  private ImageIoPixels() {}

  /** Reads with the JDK's reader of {@code format}. */
  static Raster read(String name, String format, byte[] file) {
    return read(name, ImageIO.getImageReadersByFormatName(format).next(), file);
  }

  /** Reads with {@code reader}, which is disposed of. */
  static Raster read(String name, ImageReader reader, byte[] file) {
    List<String> warnings = new ArrayList<>();
    // The stream is memory: without this ImageIO may copy it to a temporary file.
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((_, text) -> warnings.add(text));
      Raster raster = reader.read(0).getRaster();
      if (!warnings.isEmpty()) {
        throw new MalformedImageException(
            name + ": " + warnings.getFirst() + " (expected: an undamaged file)");
      }
      return raster;
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      if (e instanceof MalformedImageException refused) {
        throw refused;
      }
      throw new MalformedImageException(
          name + ": " + e.getMessage() + " (expected: a readable file)", e);
    } finally {
      reader.dispose();
    }
  }

  /** The first {@code channels} samples of each pixel, in order. */
  static byte[] samples(Raster raster, int channels) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] samples = new byte[Math.multiplyExact(channels, width * height)];
    if (raster.getSampleModel() instanceof PixelInterleavedSampleModel model
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && model.getScanlineStride() == model.getPixelStride() * width) {
      byte[] stored = buffer.getData();
      for (int channel = 0; channel < channels; channel++) {
        int from = model.getBandOffsets()[channel];
        for (int to = channel; to < samples.length; to += channels) {
          samples[to] = stored[from];
          from += model.getPixelStride();
        }
      }
      return samples;
    }
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int channel = 0; channel < channels; channel++) {
        raster.getSamples(0, y, width, 1, channel, row);
        int to = channels * y * width + channel;
        for (int sample : row) {
          samples[to] = (byte) sample;
          to += channels;
        }
      }
    }
    return samples;
  }
}
