package dev.fluxgate.gateway.input;

/** The header of a PNG file (PNG, third edition, §5 and §11). */
final class PngPicture {
  private static final long SIGNATURE_HIGH = 0x89504E47L;
  private static final long SIGNATURE_LOW = 0x0D0A1A0AL;
  private static final int SIGNATURE = 8;

  /** Length, type and checksum of a chunk. */
  private static final int FRAME = 12;

  private static final int MAX_CHUNKS = 10_000;

  private PngPicture() {}

  static boolean isPng(PictureBytes bytes) {
    return bytes.has(0, SIGNATURE)
        && bytes.u32(0) == SIGNATURE_HIGH
        && bytes.u32(SIGNATURE / 2) == SIGNATURE_LOW;
  }

  static PictureHeader header(PictureBytes bytes) {
    if (!bytes.isAt(SIGNATURE + 4, "IHDR")) {
      throw PictureHeader.refuse("no IHDR chunk", "a PNG that begins with one");
    }
    long width = bytes.u32(SIGNATURE + 8);
    long height = bytes.u32(SIGNATURE + 12);
    refuseAnimation(bytes);
    return new PictureHeader(
        "image/png",
        (int) Math.min(width, Integer.MAX_VALUE),
        (int) Math.min(height, Integer.MAX_VALUE));
  }

  /** An animation says so before its first pixels. */
  private static void refuseAnimation(PictureBytes bytes) {
    long offset = SIGNATURE;
    for (int i = 0; i < MAX_CHUNKS && !bytes.isAt(offset + 4, "IDAT"); i++) {
      if (bytes.isAt(offset + 4, "acTL")) {
        throw PictureHeader.refuse("animated PNG", "one frame");
      }
      offset += FRAME + bytes.u32(offset);
    }
    if (!bytes.isAt(offset + 4, "IDAT")) {
      throw PictureHeader.refuse("no IDAT chunk", "a PNG with pixels");
    }
  }
}
