package dev.fluxgate.proto.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.PadRow;
import dev.fluxgate.v1.TensorHeader;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TensorIdentityTest {
  private static final TensorHeader HEADER =
      TensorHeader.newBuilder()
          .setName("prompt_embeds")
          .setDtype(DType.D_TYPE_F32)
          .addAllShape(List.of(4L, 6L))
          .setByteSize(96)
          .setSha256(ContentHash.of(ByteString.copyFromUtf8("a")))
          .build();

  @Test
  void everythingThatChangesTheTensorChangesTheIdentity() {
    assertThat(
            Stream.of(
                    HEADER,
                    HEADER.toBuilder().setDtype(DType.D_TYPE_BF16).build(),
                    HEADER.toBuilder().clearShape().addAllShape(List.of(6L, 4L)).build(),
                    HEADER.toBuilder().clearShape().addAllShape(List.of(24L)).build(),
                    HEADER.toBuilder()
                        .setPadRow(PadRow.newBuilder().setFirst(1).setCount(2))
                        .build(),
                    HEADER.toBuilder()
                        .setSha256(ContentHash.of(ByteString.copyFromUtf8("b")))
                        .build())
                .map(TensorIdentity::of))
        .doesNotHaveDuplicates()
        .allSatisfy(identity -> assertThat(identity.size()).isEqualTo(ContentHash.BYTES));
  }

  @Test
  void theNameDoesNotCount() {
    assertThat(TensorIdentity.of(HEADER.toBuilder().setName("latents").build()))
        .isEqualTo(TensorIdentity.of(HEADER));
  }
}
