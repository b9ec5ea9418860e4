package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first bytes of a safetensors file: the length of a JSON object, then the object. */
final class SafetensorsHeader {
  static final String MEDIA_TYPE = "application/vnd.safetensors";

  private SafetensorsHeader() {}

  /** Whether a file begins as such a file does; what it holds is not read. */
  static boolean isPlausible(ByteString file) {
    if (file.size() <= Long.BYTES) {
      return false;
    }
    long length =
        ByteBuffer.wrap(file.substring(0, Long.BYTES).toByteArray())
            .order(ByteOrder.LITTLE_ENDIAN)
            .getLong();
    return length >= 2 && length <= file.size() - Long.BYTES && file.byteAt(Long.BYTES) == '{';
  }
}
