package dev.fluxgate.gateway.input;

/** The header of a JPEG file (ITU-T T.81, annex B). */
final class JpegPicture {
  private static final int START = 0xFFD8;
  private static final int MARKER = 0xFF;
  private static final int FIRST_FRAME = 0xC0;
  private static final int LAST_FRAME = 0xCF;
  private static final int HUFFMAN_TABLES = 0xC4;
  private static final int EXTENSION = 0xC8;
  private static final int ARITHMETIC = 0xCC;
  private static final int FIRST_BARE = 0xD0;
  private static final int LAST_BARE = 0xD8;
  private static final int SCAN = 0xDA;
  private static final int END = 0xD9;
  private static final int MAX_SEGMENTS = 10_000;

  private JpegPicture() {}

  static boolean isJpeg(PictureBytes bytes) {
    return bytes.has(0, 3) && bytes.u16(0) == START && bytes.u8(2) == MARKER;
  }

  static PictureHeader header(PictureBytes bytes) {
    long offset = 2;
    for (int i = 0; i < MAX_SEGMENTS; i++) {
      if (bytes.u8(offset) != MARKER) {
        throw PictureHeader.refuse("no marker at byte " + offset, "a JPEG made of segments");
      }
      int marker = bytes.u8(offset + 1);
      if (isFrame(marker)) {
        return new PictureHeader("image/jpeg", bytes.u16(offset + 7), bytes.u16(offset + 5));
      }
      if (marker == SCAN || marker == END) {
        break;
      }
      offset += next(bytes, offset, marker);
    }
    throw PictureHeader.refuse("no frame header", "a JPEG with one before its scans");
  }

  private static long next(PictureBytes bytes, long offset, int marker) {
    if (marker == MARKER) {
      // A fill byte.
      return 1;
    }
    boolean isBare = marker == 1 || (marker >= FIRST_BARE && marker <= LAST_BARE);
    return isBare ? 2 : 2 + Math.max(2, bytes.u16(offset + 2));
  }

  private static boolean isFrame(int marker) {
    return marker >= FIRST_FRAME
        && marker <= LAST_FRAME
        && marker != HUFFMAN_TABLES
        && marker != EXTENSION
        && marker != ARITHMETIC;
  }
}
