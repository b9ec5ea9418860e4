package dev.fluxgate.encoder.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorLimits;
import dev.fluxgate.proto.tensor.TensorReceiver;
import dev.fluxgate.v1.EncodeInfo;
import dev.fluxgate.v1.EncodeResponse;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * An answer of the service, put together and checked as a client does it.
 *
 * @param info first message
 * @param tensors as they travelled
 * @param chunks number of chunks
 */
public record EncodedPrompt(EncodeInfo info, List<PackedTensor> tensors, int chunks) {

  /** Reads a whole answer. */
  public static EncodedPrompt read(Iterator<EncodeResponse> answer) {
    EncodeInfo info = answer.next().getInfo();
    List<TensorReceiver> receivers = new ArrayList<>();
    int chunks = 0;
    while (answer.hasNext()) {
      EncodeResponse message = answer.next();
      switch (message.getPartCase()) {
        case HEADER ->
            receivers.add(new TensorReceiver(message.getHeader(), TensorLimits.PROMPT_EMBEDS));
        case CHUNK -> {
          receivers.getLast().accept(message.getChunk());
          chunks++;
        }
        case INFO, PART_NOT_SET -> throw new AssertionError("unexpected: " + message);
      }
    }
    assertThat(receivers).hasSize(info.getTensorCount());
    return new EncodedPrompt(info, receivers.stream().map(TensorReceiver::finish).toList(), chunks);
  }

  /** The first tensor as it travelled. */
  public PackedTensor packed() {
    return tensors.getFirst();
  }

  /** The whole embeds, (L, k·D). */
  public HostTensor embeds() {
    return whole(packed());
  }

  /** The whole pooled embeds, (D), the second tensor. */
  public HostTensor pooled() {
    return whole(tensors.get(1));
  }

  private static HostTensor whole(PackedTensor packed) {
    DType dtype =
        packed.header().getDtype() == dev.fluxgate.v1.DType.D_TYPE_F32 ? DType.F32 : DType.BF16;
    Shape shape =
        Shape.of(packed.header().getShapeList().stream().mapToLong(Long::longValue).toArray());
    byte[] bytes = new byte[Math.toIntExact(dtype.bytes(shape.count()))];
    TensorChunks.unpack(packed, TensorLimits.PROMPT_EMBEDS, ByteBuffer.wrap(bytes));
    return new HostTensor(dtype, shape, MemorySegment.ofArray(bytes));
  }
}
