package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.EncodePipeline;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;

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

  /** (P, L, width). */
  HostTensor embeds(List<String> prompts) {
    EncodePipeline pipeline = model.pipeline();
    List<TokenIds> batch =
        prompts.stream().map(each -> pipeline.tokenize(new Prompt(each), length)).toList();
    List<HostTensor> embeds =
        pipeline.encode(batch, layers).stream().map(PromptEmbeds::tensor).toList();
    Shape one = embeds.getFirst().shape();
    return Numbers.stack(embeds, Shape.of(prompts.size(), one.dim(0), one.dim(1)));
  }

  @Override
  public void close() {
    model.close();
  }
}
