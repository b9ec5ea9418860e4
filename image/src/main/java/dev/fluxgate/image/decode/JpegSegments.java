package dev.fluxgate.image.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.fluxgate.image.MalformedImageException;
import java.io.ByteArrayOutputStream;

/**
 * The segments of a JPEG file up to its end, seen once before a decoder sees them. Application
 * segments and comments are left out but for what they say of the colours, which a segment of our
 * own repeats: a decoder must neither apply a profile nor guess.
 */
final class JpegSegments {
  /** Most scans of a file: each costs a pass over all pixels, however short it is. */
  private static final int MAX_SCANS = 256;

  private static final int SOF0 = 0xC0;
  private static final int DHT = 0xC4;
  private static final int JPG = 0xC8;
  private static final int DAC = 0xCC;
  private static final int RST0 = 0xD0;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int APP14 = 0xEE;
  private static final int APP15 = 0xEF;
  private static final int COM = 0xFE;

  private final String name;
  private final byte[] file;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private int at;
  private int scans;
  private int width;
  private int height;
  private int components;
  private String componentIds = "";
  private boolean jfif;
  private int adobeTransform = -1;

  private JpegSegments(String name, byte[] file) {
    this.name = name;
    this.file = file;
  }

  /** Walks over all segments of {@code file}. */
  static JpegSegments read(String name, byte[] file) {
    JpegSegments segments = new JpegSegments(name, file);
    segments.at = 2; // behind SOI
    int marker = segments.marker();
    while (marker != EOI) {
      segments.take(marker);
      marker = segments.marker();
    }
    if (segments.scans == 0 || segments.components == 0) {
      throw segments.malformed("no picture", "a frame and its scans");
    }
    return segments;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  int components() {
    return components;
  }

  /** The file without what a picture does not need. */
  byte[] essential() {
    ByteArrayOutputStream essential = new ByteArrayOutputStream(kept.size() + 32);
    essential.writeBytes(new byte[] {(byte) 0xFF, (byte) SOI});
    if (components == 3) {
      essential.writeBytes(new byte[] {(byte) 0xFF, (byte) APP14, 0, 14});
      essential.writeBytes("Adobe".getBytes(ISO_8859_1));
      essential.writeBytes(new byte[] {0, 100, 0, 0, 0, 0, (byte) (isRgb() ? 0 : 1)});
    }
    essential.writeBytes(kept.toByteArray());
    essential.writeBytes(new byte[] {(byte) 0xFF, (byte) EOI});
    return essential.toByteArray();
  }

  /** As libjpeg guesses it. */
  private boolean isRgb() {
    if (jfif) {
      return false;
    }
    return adobeTransform >= 0 ? adobeTransform == 0 : componentIds.equals("RGB");
  }

  /** The marker at the position, behind any number of fill bytes. */
  private int marker() {
    if (at >= file.length || byteAt(at) != 0xFF) {
      throw at >= file.length ? truncated() : malformed("no marker at byte " + at, "a marker");
    }
    while (at < file.length && byteAt(at) == 0xFF) {
      at++;
    }
    if (at >= file.length) {
      throw truncated();
    }
    return byteAt(at++);
  }

  private void take(int marker) {
    int start = at - 2;
    int length = at + 2 > file.length ? file.length : word(at);
    if (length < 2) {
      throw malformed("a segment of length " + length, "at least 2");
    }
    if (length > file.length - at) {
      throw truncated();
    }
    at += length;
    if (isFrame(marker)) {
      frame(marker, start + 4, length - 2);
    } else if (marker >= APP0 && marker <= APP15) {
      application(marker, start + 4, length - 2);
    } else if (marker == SOS) {
      skipScan();
    }
    boolean aside = (marker >= APP0 && marker <= APP15) || marker == COM;
    if (!aside) {
      kept.write(file, start, at - start);
    }
  }

  private void application(int marker, int content, int length) {
    if (marker == APP0) {
      jfif |= startsWith(content, length, "JFIF\0");
    } else if (marker == APP14 && length >= 12 && startsWith(content, length, "Adobe")) {
      adobeTransform = byteAt(content + 11);
    }
  }

  private static boolean isFrame(int marker) {
    return marker >= SOF0 && marker < RST0 && marker != DHT && marker != JPG && marker != DAC;
  }

  private void frame(int marker, int content, int length) {
    if (components != 0) {
      throw malformed("a second frame", "one");
    }
    if (marker > SOF0 + 2) {
      throw malformed(
          "a JPEG of process " + (marker - SOF0), "baseline, extended or progressive: 0, 1 or 2");
    }
    if (length < 6 || length < 6 + 3 * byteAt(content + 5)) {
      throw malformed("a frame header of " + length + " bytes", "6 and 3 a component");
    }
    if (byteAt(content) != 8) {
      throw malformed("a JPEG of " + byteAt(content) + " bits a sample", "8");
    }
    height = word(content + 1);
    width = word(content + 3);
    components = byteAt(content + 5);
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < components; i++) {
      ids.append((char) byteAt(content + 6 + 3 * i));
    }
    componentIds = ids.toString();
  }

  /** To the marker that ends the entropy-coded data. */
  private void skipScan() {
    scans++;
    if (scans > MAX_SCANS) {
      throw malformed("more scans", "at most " + MAX_SCANS);
    }
    while (at + 1 < file.length) {
      int next = byteAt(at + 1);
      boolean data = byteAt(at) != 0xFF || next == 0 || (next >= RST0 && next < SOI);
      if (!data && next != 0xFF) {
        return;
      }
      at++;
    }
    throw truncated();
  }

  private boolean startsWith(int content, int length, String mark) {
    return length >= mark.length()
        && new String(file, content, mark.length(), ISO_8859_1).equals(mark);
  }

  private int byteAt(int index) {
    return Byte.toUnsignedInt(file[index]);
  }

  private int word(int index) {
    return (byteAt(index) << 8) | byteAt(index + 1);
  }

  private MalformedImageException truncated() {
    return malformed("ends after " + file.length + " bytes", "a complete JPEG file");
  }

  private MalformedImageException malformed(String what, String expected) {
    return new MalformedImageException(name + ": " + what + " (expected: " + expected + ")");
  }
}
