package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;

/** Numbers within a file, each read only after a look whether it is there. */
record PictureBytes(ByteString file) {
  private static final int BYTE = 0xFF;

  boolean has(long offset, int count) {
    return offset >= 0 && offset + count <= file.size();
  }

  int u8(long offset) {
    if (!has(offset, 1)) {
      throw PictureHeader.refuse(
          "truncated at " + file.size() + " bytes", "a file with its whole header");
    }
    return file.byteAt((int) offset) & BYTE;
  }

  int u16(long offset) {
    return u8(offset) << 8 | u8(offset + 1);
  }

  long u32(long offset) {
    return (long) u16(offset) << 16 | u16(offset + 2);
  }

  int littleU16(long offset) {
    return u8(offset) | u8(offset + 1) << 8;
  }

  int littleU24(long offset) {
    return littleU16(offset) | u8(offset + 2) << 16;
  }

  long littleU32(long offset) {
    return littleU16(offset) | (long) littleU16(offset + 2) << 16;
  }

  /** Whether the characters of {@code tag} stand at {@code offset}. */
  boolean isAt(long offset, String tag) {
    return has(offset, tag.length())
        && file.substring((int) offset, (int) offset + tag.length())
            .equals(ByteString.copyFromUtf8(tag));
  }
}
