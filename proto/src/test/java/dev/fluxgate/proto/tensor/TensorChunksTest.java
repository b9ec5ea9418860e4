package dev.fluxgate.proto.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.TensorHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorChunksTest {
  private static final TensorLimits LIMITS = TensorLimits.PROMPT_EMBEDS;

  @Test
  void carriesSeveralMebibytesInChunksOfAtMostOne() {
    byte[] bytes = randomBytes(5 * 700_000);
    PackedTensor packed = pack(bytes, 5, 700_000);
    List<TensorChunk> chunks = chunks(packed, 0);

    assertThat(chunks).hasSize(4);
    assertThat(chunks.getLast().getOffset() + chunks.getLast().getData().size())
        .isEqualTo(bytes.length);
    assertThat(chunks).allSatisfy(c -> assertThat(c.getData().size()).isLessThanOrEqualTo(1 << 20));
    assertThat(unpacked(receive(packed.header(), chunks))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"0,4,10", "3,4,10", "6,4,10", "0,10,10", "0,2,3", "1,2,3"})
  void sendsEqualRowsOnce(int first, int count, int rows) {
    int width = 6;
    byte[] bytes = randomBytes(rows * width);
    for (int row = first + 1; row < first + count; row++) {
      System.arraycopy(bytes, first * width, bytes, row * width, width);
    }

    PackedTensor packed = pack(bytes, rows, width);

    assertThat(packed.header().getPadRow().getFirst()).isEqualTo(first);
    assertThat(packed.header().getPadRow().getCount()).isEqualTo(count);
    assertThat(packed.header().getByteSize()).isEqualTo((rows - count + 1L) * width);
    assertThat(unpacked(receive(packed.header(), chunks(packed, 0)))).isEqualTo(bytes);
  }

  @Test
  void leavesDistinctRowsAlone() {
    PackedTensor packed = pack(new byte[] {1, 2, 3}, 3, 1);

    assertThat(packed.header().hasPadRow()).isFalse();
    assertThat(unpacked(packed)).containsExactly(1, 2, 3);
  }

  @Test
  void comparesRowsBitForBitSoThatMinusZeroIsNotZero() {
    ByteBuffer zeros = ByteBuffer.allocate(8);
    zeros.putInt(4, 0x80);

    PackedTensor packed = TensorChunks.pack("x", DType.D_TYPE_F32, new long[] {2, 1}, zeros);

    assertThat(packed.header().hasPadRow()).isFalse();
  }

  @Test
  void readsTheBufferBetweenPositionAndLimitAndLeavesIt() {
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}).position(1).limit(4);

    assertThat(unpacked(TensorChunks.pack("x", DType.D_TYPE_U8, new long[] {3}, buffer)))
        .containsExactly(1, 2, 3);
    assertThat(buffer.position()).isEqualTo(1);
    assertThat(buffer.limit()).isEqualTo(4);
  }

  @Test
  void resumesAtAnyByte() {
    byte[] bytes = randomBytes(3_000_000);
    PackedTensor packed = pack(bytes, 3, 1_000_000);

    List<TensorChunk> rest = chunks(packed, 1_234_567);

    assertThat(rest.getFirst().getOffset()).isEqualTo(1_234_567);
    ByteString joined = ByteString.copyFrom(rest.stream().map(TensorChunk::getData).toList());
    assertThat(joined.toByteArray())
        .isEqualTo(Arrays.copyOfRange(packed.data().toByteArray(), 1_234_567, bytes.length));
    assertThat(chunks(packed, packed.data().size())).isEmpty();
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> TensorChunks.chunks(packed, packed.data().size() + 1L));
  }

  @Test
  void refusesToPackAShapeThatTheBytesDoNotFill() {
    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(() -> pack(new byte[5], 2, 3))
        .withMessageContaining("[2, 3] with 5 bytes");
  }

  @Test
  void refusesADestinationThatIsTooSmall() {
    PackedTensor packed = pack(new byte[] {7, 7, 7, 8}, 4, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TensorChunks.unpack(packed, LIMITS, ByteBuffer.allocate(3)))
        .withMessage("destination: 3 bytes (expected: at least 4)");
  }

  @Test
  void refusesAChunkThatIsNotTheNext() {
    TensorReceiver receiver = new TensorReceiver(pack(randomBytes(9), 9, 1).header(), LIMITS);

    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(() -> receiver.accept(chunk(1, 1)))
        .withMessage("tensor \"prompt_embeds\": offset: 1 (expected: 0)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void refusesAChunkThatIsEmptyOrRunsOverTheEnd(int size) {
    TensorReceiver receiver = new TensorReceiver(pack(randomBytes(9), 9, 1).header(), LIMITS);

    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(() -> receiver.accept(chunk(0, size)))
        .withMessageContaining("(expected: 1..9)");
  }

  @Test
  void refusesAChunkAboveOneMebibyte() {
    TensorReceiver receiver =
        new TensorReceiver(pack(randomBytes(3 << 20), 3, 1 << 20).header(), LIMITS);

    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(() -> receiver.accept(chunk(0, (1 << 20) + 1)))
        .withMessageContaining("(expected: 1..1048576)");
  }

  @Test
  void refusesToFinishEarlyOrWithOtherBytes() {
    PackedTensor packed = pack(new byte[] {1, 2, 3}, 3, 1);
    TensorReceiver receiver = new TensorReceiver(packed.header(), LIMITS);

    assertThat(receiver.isComplete()).isFalse();
    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(receiver::finish)
        .withMessageContaining("0 bytes received (expected: 3)");
    receiver.accept(chunk(0, 3));
    assertThat(receiver.isComplete()).isTrue();
    assertThatExceptionOfType(MalformedTensorException.class)
        .isThrownBy(receiver::finish)
        .withMessageContaining("sha256");
  }

  private static PackedTensor pack(byte[] bytes, long... shape) {
    return TensorChunks.pack("prompt_embeds", DType.D_TYPE_U8, shape, ByteBuffer.wrap(bytes));
  }

  private static TensorChunk chunk(long offset, int size) {
    return TensorChunk.newBuilder()
        .setOffset(offset)
        .setData(ByteString.copyFrom(new byte[size]))
        .build();
  }

  private static List<TensorChunk> chunks(PackedTensor tensor, long offset) {
    List<TensorChunk> chunks = new ArrayList<>();
    TensorChunks.chunks(tensor, offset).forEachRemaining(chunks::add);
    return chunks;
  }

  private static PackedTensor receive(TensorHeader header, List<TensorChunk> chunks) {
    TensorReceiver receiver = new TensorReceiver(header, LIMITS);
    chunks.forEach(receiver::accept);
    return receiver.finish();
  }

  private static byte[] unpacked(PackedTensor tensor) {
    ByteBuffer whole =
        ByteBuffer.allocate((int) TensorGeometry.of(tensor.header(), LIMITS).wholeBytes());
    TensorChunks.unpack(tensor, LIMITS, whole);
    assertThat(whole.hasRemaining()).isFalse();
    return whole.array();
  }

  private static byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    new Random(11).nextBytes(bytes);
    return bytes;
  }
}
