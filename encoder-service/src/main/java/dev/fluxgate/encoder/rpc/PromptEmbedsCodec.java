package dev.fluxgate.encoder.rpc;

import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.EncodeInfo;
import dev.fluxgate.v1.EncodeResponse;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Prompt embeds → messages of text_encoder.proto: info, then header and chunks of each tensor.
 * Equal padding rows travel once; the hash is over the bytes that travel.
 */
final class PromptEmbedsCodec {
  /** Name of the sequence, (L, k·D). */
  static final String PROMPT_EMBEDS = "prompt_embeds";

  /** Name of the pooled tensor, (D). */
  static final String POOLED_PROMPT_EMBEDS = "pooled_prompt_embeds";

  private PromptEmbedsCodec() {}

  /** The answer; each message is made when it is asked for. */
  static Iterator<EncodeResponse> messages(
      EncoderModel.Identity identity, EncodeRequestCodec.Encoding encoding, PromptEmbeds embeds) {
    PromptEmbeds.Pooled pooled = embeds.pooled();
    EncodeInfo info =
        EncodeInfo.newBuilder()
            .setModelHash(identity.modelHash())
            .setTokenizerHash(identity.tokenizerHash())
            .addAllOutputLayers(encoding.layers().indices())
            .setTokenCount(embeds.tokenCount())
            .setTruncated(embeds.truncated())
            .setPooledTruncated(pooled != null && pooled.truncated())
            .setTensorCount(encoding.tensors().size())
            .build();
    Stream<EncodeResponse> answer = Stream.of(EncodeResponse.newBuilder().setInfo(info).build());
    for (String name : encoding.tensors()) {
      answer = Stream.concat(answer, messages(name, tensor(name, embeds)));
    }
    return answer.iterator();
  }

  /** How the wire names an element type. */
  static DType dtype(dev.fluxgate.engine.tensor.DType dtype) {
    return switch (dtype) {
      case F32 -> DType.D_TYPE_F32;
      case BF16 -> DType.D_TYPE_BF16;
      default -> throw new IllegalArgumentException("dtype: " + dtype + " (expected: F32 or BF16)");
    };
  }

  private static HostTensor tensor(String name, PromptEmbeds embeds) {
    return name.equals(PROMPT_EMBEDS)
        ? embeds.tensor()
        : Objects.requireNonNull(embeds.pooled()).tensor();
  }

  private static Stream<EncodeResponse> messages(String name, HostTensor values) {
    PackedTensor tensor = pack(name, values);
    Stream<EncodeResponse> chunks =
        StreamSupport.stream(
                ((Iterable<dev.fluxgate.v1.TensorChunk>) () -> TensorChunks.chunks(tensor, 0))
                    .spliterator(),
                false)
            .map(chunk -> EncodeResponse.newBuilder().setChunk(chunk).build());
    return Stream.concat(
        Stream.of(EncodeResponse.newBuilder().setHeader(tensor.header()).build()), chunks);
  }

  private static PackedTensor pack(String name, HostTensor values) {
    long[] shape = values.shape().dims().stream().mapToLong(Long::longValue).toArray();
    return TensorChunks.pack(name, dtype(values.dtype()), shape, values.data().asByteBuffer());
  }
}
