package dev.fluxgate.gateway.input;

/** The header of a WebP file (RFC 9649). */
final class WebpPicture {
  /** Of the first chunk's payload, behind the RIFF header and the chunk's own. */
  private static final int PAYLOAD = 20;

  private static final int CHUNK = 12;
  private static final int ANIMATED = 1 << 1;
  private static final int LOSSLESS_SIGNATURE = 0x2F;
  private static final int SIDE_BITS = 14;
  private static final int SIDE_MASK = (1 << SIDE_BITS) - 1;

  private WebpPicture() {}

  static boolean isWebp(PictureBytes bytes) {
    return bytes.isAt(0, "RIFF") && bytes.isAt(8, "WEBP");
  }

  static PictureHeader header(PictureBytes bytes) {
    if (bytes.isAt(CHUNK, "VP8X")) {
      if ((bytes.u8(PAYLOAD) & ANIMATED) != 0) {
        throw PictureHeader.refuse("animated WebP", "one frame");
      }
      return of(bytes.littleU24(PAYLOAD + 4) + 1, bytes.littleU24(PAYLOAD + 7) + 1);
    }
    if (bytes.isAt(CHUNK, "VP8L")) {
      long sides = bytes.littleU32(PAYLOAD + 1);
      if (bytes.u8(PAYLOAD) != LOSSLESS_SIGNATURE) {
        throw PictureHeader.refuse("no lossless bitstream", "one behind VP8L");
      }
      return of((int) (sides & SIDE_MASK) + 1, (int) (sides >> SIDE_BITS & SIDE_MASK) + 1);
    }
    if (bytes.isAt(CHUNK, "VP8 ")) {
      return of(bytes.littleU16(PAYLOAD + 6) & SIDE_MASK, bytes.littleU16(PAYLOAD + 8) & SIDE_MASK);
    }
    throw PictureHeader.refuse("no bitstream", "VP8, VP8L or VP8X");
  }

  private static PictureHeader of(int width, int height) {
    return new PictureHeader("image/webp", width, height);
  }
}
