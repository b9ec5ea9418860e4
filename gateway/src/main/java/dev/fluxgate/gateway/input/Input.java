package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.TensorHeader;

/**
 * An input as it lies in the store.
 *
 * @param ref its name
 * @param spec what it says it is
 * @param byteSize number of its bytes
 */
public record Input(InputRef ref, Spec spec, long byteSize) {

  /** What an input is. */
  public sealed interface Spec {

    /** As a message calls it. */
    String kind();
  }

  /**
   * A picture's file.
   *
   * @param header what its first bytes say
   * @param sha256 of the file
   */
  public record Picture(PictureHeader header, ByteString sha256) implements Spec {
    @Override
    public String kind() {
      return "a picture";
    }
  }

  /**
   * A tensor.
   *
   * @param header as it was uploaded
   */
  public record Tensor(TensorHeader header) implements Spec {
    @Override
    public String kind() {
      return "a tensor";
    }
  }
}
