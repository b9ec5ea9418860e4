package dev.fluxgate.encoder.testing;

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
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the service, put together and checked as a client does it.
 *
 * @param info first message
 * @param packed the tensor as it travelled
 * @param chunks number of chunks
 */
public record EncodedPrompt(EncodeInfo info, PackedTensor packed, int chunks) {

  /** Reads a whole answer. */
  public static EncodedPrompt read(Iterator<EncodeResponse> answer) {
    EncodeInfo info = answer.next().getInfo();
    @Nullable TensorReceiver receiver = null;
    int chunks = 0;
    while (answer.hasNext()) {
      EncodeResponse message = answer.next();
      switch (message.getPartCase()) {
        case HEADER ->
            receiver = new TensorReceiver(message.getHeader(), TensorLimits.PROMPT_EMBEDS);
        case CHUNK -> {
          Objects.requireNonNull(receiver).accept(message.getChunk());
          chunks++;
        }
        case INFO, PART_NOT_SET -> throw new AssertionError("unexpected: " + message);
      }
    }
    return new EncodedPrompt(info, Objects.requireNonNull(receiver).finish(), chunks);
  }

  /** The whole embeds, (L, k·D). */
  public HostTensor embeds() {
    DType dtype =
        packed.header().getDtype() == dev.fluxgate.v1.DType.D_TYPE_F32 ? DType.F32 : DType.BF16;
    Shape shape = Shape.of(packed.header().getShape(0), packed.header().getShape(1));
    byte[] bytes = new byte[Math.toIntExact(dtype.bytes(shape.count()))];
    TensorChunks.unpack(packed, TensorLimits.PROMPT_EMBEDS, ByteBuffer.wrap(bytes));
    return new HostTensor(dtype, shape, MemorySegment.ofArray(bytes));
  }
}
