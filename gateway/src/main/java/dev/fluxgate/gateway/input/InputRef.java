package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import java.util.HexFormat;

/**
 * An input, by content.
 *
 * @param sha256 its name, 32 bytes: the hash of a picture's file; of a tensor, its identity
 */
public record InputRef(ByteString sha256) {

  /** The name in hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(sha256.toByteArray());
  }
}
