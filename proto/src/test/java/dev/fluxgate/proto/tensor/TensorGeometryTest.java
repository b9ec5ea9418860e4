package dev.fluxgate.proto.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.PadRow;
import dev.fluxgate.v1.TensorHeader;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TensorGeometryTest {
  private static final TensorLimits LIMITS = new TensorLimits(3, 1 << 20);

  @Test
  void countsRowsAndBytes() {
    TensorGeometry geometry = TensorGeometry.of(honest().build(), LIMITS);

    assertThat(geometry).isEqualTo(new TensorGeometry(10, 8, 1, 4));
    assertThat(geometry.wholeBytes()).isEqualTo(80);
    assertThat(geometry.travellingBytes()).isEqualTo(56);
  }

  static Stream<Arguments> hostile() {
    return Stream.of(
        lie("shape: []", h -> h.clearShape()),
        lie(
            "shape: [1, 1, 1, 1]",
            h -> h.clearShape().addShape(1).addShape(1).addShape(1).addShape(1)),
        lie("shape: [0, 2]", h -> h.setShape(0, 0)),
        lie("shape: [-1, 2]", h -> h.setShape(0, -1)),
        lie("shape: [10, -2]", h -> h.setShape(1, -2)),
        lie("shape: [-9223372036854775808, 2]", h -> h.setShape(0, Long.MIN_VALUE)),
        lie("shape: [9223372036854775807, 2]", h -> h.setShape(0, Long.MAX_VALUE)),
        lie("shape: [4294967296, 4294967296]", h -> h.setShape(0, 1L << 32).setShape(1, 1L << 32)),
        lie("shape: [10, 26215]", h -> h.setShape(1, 26_215)),
        lie("dtype: D_TYPE_UNSPECIFIED", h -> h.setDtype(DType.D_TYPE_UNSPECIFIED)),
        lie("dtype: UNRECOGNIZED", h -> h.setDtypeValue(99)),
        lie("pad_row: first -1", h -> h.setPadRow(pad(-1, 4))),
        lie("pad_row: first 0, count 1", h -> h.setPadRow(pad(0, 1))),
        lie("pad_row: first 0, count 11", h -> h.setPadRow(pad(0, 11))),
        lie("pad_row: first 7, count 4", h -> h.setPadRow(pad(7, 4))),
        lie("pad_row: first 9223372036854775807", h -> h.setPadRow(pad(Long.MAX_VALUE, 4))),
        lie("count 9223372036854775807", h -> h.setPadRow(pad(2, Long.MAX_VALUE))),
        lie("byte_size: 80 (expected: 56", h -> h.setByteSize(80)),
        lie("byte_size: 56 (expected: 80", h -> h.clearPadRow()),
        lie("byte_size: -1", h -> h.setByteSize(-1)),
        lie("sha256: 31 bytes", h -> h.setSha256(ByteString.copyFrom(new byte[31]))));
  }

  @ParameterizedTest
  @MethodSource
  void hostile(String complaint, UnaryOperator<TensorHeader.Builder> lie) {
    TensorHeader header = lie.apply(honest()).build();

    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(() -> new TensorReceiver(header, LIMITS))
        .withMessageContaining(complaint)
        .withMessageContaining("(expected: ");
  }

  @Test
  void refusesABodyThatIsNotAsLongAsItsHeaderSays() {
    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(() -> new PackedTensor(honest().build(), ByteString.EMPTY))
        .withMessageContaining("0 bytes (expected: 56)");
  }

  @Test
  void refusesLimitsThatAllowNothing() {
    assertThatIllegalArgumentException().isThrownBy(() -> new TensorLimits(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new TensorLimits(1, 1L << 31));
  }

  private static Arguments lie(String complaint, UnaryOperator<TensorHeader.Builder> lie) {
    return Arguments.of(complaint, lie);
  }

  private static PadRow pad(long first, long count) {
    return PadRow.newBuilder().setFirst(first).setCount(count).build();
  }

  private static TensorHeader.Builder honest() {
    return TensorHeader.newBuilder()
        .setName("prompt_embeds")
        .setDtype(DType.D_TYPE_F32)
        .addShape(10)
        .addShape(2)
        .setPadRow(pad(1, 4))
        .setByteSize(56)
        .setSha256(ByteString.copyFrom(new byte[32]));
  }
}
