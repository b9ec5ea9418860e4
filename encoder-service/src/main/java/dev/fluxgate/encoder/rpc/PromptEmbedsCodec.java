package dev.fluxgate.encoder.rpc;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.EncodeInfo;
import dev.fluxgate.v1.EncodeResponse;
import java.util.Iterator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Prompt embeds → messages of text_encoder.proto: info, header, chunks. Equal padding rows travel
 * once; the hash is over the bytes that travel.
 */
final class PromptEmbedsCodec {
  /** Name of the one tensor there is so far. */
  static final String PROMPT_EMBEDS = "prompt_embeds";

  private PromptEmbedsCodec() {}

  /** The answer; each message is made when it is asked for. */
  static Iterator<EncodeResponse> messages(
      EncoderModel.Identity identity, OutputLayers layers, PromptEmbeds embeds) {
    PackedTensor tensor = pack(embeds);
    EncodeInfo info =
        EncodeInfo.newBuilder()
            .setModelHash(identity.modelHash())
            .setTokenizerHash(identity.tokenizerHash())
            .addAllOutputLayers(layers.indices())
            .setTokenCount(embeds.tokenCount())
            .setTruncated(embeds.truncated())
            .setTensorCount(1)
            .build();
    Stream<EncodeResponse> head =
        Stream.of(
            EncodeResponse.newBuilder().setInfo(info).build(),
            EncodeResponse.newBuilder().setHeader(tensor.header()).build());
    Stream<EncodeResponse> body =
        StreamSupport.stream(
                ((Iterable<dev.fluxgate.v1.TensorChunk>) () -> TensorChunks.chunks(tensor, 0))
                    .spliterator(),
                false)
            .map(chunk -> EncodeResponse.newBuilder().setChunk(chunk).build());
    return Stream.concat(head, body).iterator();
  }

  /** How the wire names an element type. */
  static DType dtype(dev.fluxgate.engine.tensor.DType dtype) {
    return switch (dtype) {
      case F32 -> DType.D_TYPE_F32;
      case BF16 -> DType.D_TYPE_BF16;
      default -> throw new IllegalArgumentException("dtype: " + dtype + " (expected: F32 or BF16)");
    };
  }

  private static PackedTensor pack(PromptEmbeds embeds) {
    long[] shape = {embeds.tensor().shape().dim(0), embeds.tensor().shape().dim(1)};
    return TensorChunks.pack(
        PROMPT_EMBEDS,
        dtype(embeds.tensor().dtype()),
        shape,
        embeds.tensor().data().asByteBuffer());
  }
}
