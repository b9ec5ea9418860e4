package dev.fluxgate.gateway;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;

/** The beginning of a PNG file, and filling: what the gateway looks at, and no more. */
public final class TestPng {
  private static final int IHDR_REST = 9;
  private static final int CHUNK_FRAME = 12;

  private TestPng() {}

  public static ByteString of(int width, int height, int bytes) {
    ByteBuffer file = ByteBuffer.allocate(bytes);
    file.putLong(0x89504E470D0A1A0AL).putInt(13).putInt(0x49484452).putInt(width).putInt(height);
    if (file.remaining() > IHDR_REST + CHUNK_FRAME) {
      file.position(file.position() + IHDR_REST);
      file.putInt(file.remaining() - CHUNK_FRAME).putInt(0x49444154);
    }
    while (file.hasRemaining()) {
      file.put((byte) file.position());
    }
    return ByteString.copyFrom(file.array());
  }
}
