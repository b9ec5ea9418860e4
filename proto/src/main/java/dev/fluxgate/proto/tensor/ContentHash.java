package dev.fluxgate.proto.tensor;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, by which everything that is chunked is checked and named. */
public final class ContentHash {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  private ContentHash() {}

  /** A digest to be fed piece by piece. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: in every Java platform)", e);
    }
  }

  /** Feeds a digest without copying. */
  public static void update(MessageDigest digest, ByteString data) {
    for (ByteBuffer part : data.asReadOnlyByteBufferList()) {
      digest.update(part);
    }
  }

  /** The hash of {@code data}. */
  public static ByteString of(ByteString data) {
    MessageDigest digest = sha256();
    update(digest, data);
    return ByteString.copyFrom(digest.digest());
  }
}
