package dev.fluxgate.proto.tensor;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.TensorHeader;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Names a tensor by content: SHA-256 over type, shape, pad row and the hash of its bytes. The bytes
 * alone would not do: the same ones make another tensor of another shape. The name a header gives
 * it does not count.
 */
public final class TensorIdentity {
  private static final int NUMBERS = 4;

  private TensorIdentity() {}

  /** The identity of the tensor that {@code header} announces, 32 bytes. */
  public static ByteString of(TensorHeader header) {
    int rank = header.getShapeCount();
    ByteBuffer numbers = ByteBuffer.allocate((NUMBERS + rank) * Long.BYTES);
    numbers.putLong(header.getDtypeValue()).putLong(rank);
    header.getShapeList().forEach(numbers::putLong);
    // No pad row is (0, 0), which no pad row is.
    numbers.putLong(header.getPadRow().getFirst()).putLong(header.getPadRow().getCount());
    MessageDigest digest = ContentHash.sha256();
    digest.update(numbers.flip());
    ContentHash.update(digest, header.getSha256());
    return ByteString.copyFrom(digest.digest());
  }
}
