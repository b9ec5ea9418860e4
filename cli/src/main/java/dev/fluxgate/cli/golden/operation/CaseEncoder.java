package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.EncodePipeline;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The text encoder of a case's pipeline, with the arguments of its call. */
final class CaseEncoder implements AutoCloseable {
  private final EncoderModel model;
  private final int length;
  private final OutputLayers layers;

  CaseEncoder(CaseRun run, ModelFolder folder, JsonNode call) {
    model =
        EncoderModel.load(folder, run.backend(), run.golden().computeType(), new ModelHash(null));
    length = call.path("max_sequence_length").asInt(model.defaultMaxSequenceLength());
    JsonNode chosen = call.path("text_encoder_out_layers");
    layers =
        chosen.isEmpty() ? model.defaultOutputLayers() : new OutputLayers(Numbers.ints(chosen));
  }

  /**
   * What a call is conditioned on.
   *
   * @param sequence (P, L, width)
   * @param pooled (P, width); null where the family has none
   */
  record Embeds(HostTensor sequence, @Nullable HostTensor pooled) {}

  /**
   * Both tensors of P prompts.
   *
   * @param seconds as many prompts, for the sequence of a family with two encoders
   */
  Embeds encode(List<String> prompts, List<String> seconds) {
    EncodePipeline pipeline = model.pipeline();
    List<PromptTokens> batch =
        IntStream.range(0, prompts.size())
            .mapToObj(i ->
                pipeline.tokenize(
                    new Prompt(prompts.get(i)), Prompt.second(seconds.get(i)), length))
            .toList();
    List<PromptEmbeds> embeds = pipeline.encode(batch, layers);
    List<HostTensor> pooled =
        embeds.stream()
            .map(PromptEmbeds::pooled)
            .filter(Objects::nonNull)
            .map(PromptEmbeds.Pooled::tensor)
            .toList();
    return new Embeds(
        together(embeds.stream().map(PromptEmbeds::tensor).toList()),
        pooled.isEmpty() ? null : together(pooled));
  }

  @Override
  public void close() {
    model.close();
  }

  private static HostTensor together(List<HostTensor> tensors) {
    List<Long> one = tensors.getFirst().shape().dims();
    long[] all =
        LongStream.concat(LongStream.of(tensors.size()), one.stream().mapToLong(Long::longValue))
            .toArray();
    return Numbers.stack(tensors, Shape.of(all));
  }
}
