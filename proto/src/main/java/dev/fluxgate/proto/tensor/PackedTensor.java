package dev.fluxgate.proto.tensor;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.TensorHeader;

/**
 * A tensor as it travels: who only stores or forwards it needs nothing more.
 *
 * @param header what it is
 * @param data the bytes that travel, exactly {@code header.byte_size} of them
 */
public record PackedTensor(TensorHeader header, ByteString data) {

  /** Checks that header and bytes agree in length. */
  public PackedTensor {
    if (header.getByteSize() != data.size()) {
      throw new MalformedTensorException(
          "tensor \""
              + header.getName()
              + "\": "
              + data.size()
              + " bytes (expected: "
              + header.getByteSize()
              + ")");
    }
  }
}
