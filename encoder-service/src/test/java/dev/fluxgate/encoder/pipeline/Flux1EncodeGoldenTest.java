package dev.fluxgate.encoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.testing.EveryBackend;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Prompts of FLUX.1's golden pipelines → both tensors, on every back end. */
class Flux1EncodeGoldenTest {

  @TestFactory
  Stream<DynamicTest> everyPromptIsMet() {
    List<GoldenCase> cases =
        GoldenCase.all("pipelines").stream().filter(Flux1EncodeGoldenTest::isFlux1).toList();
    assertThat(cases).isNotEmpty();
    return EveryBackend.meets(cases.stream(), Flux1EncodeGoldenTest::run);
  }

  private static boolean isFlux1(GoldenCase golden) {
    ModelFamily family = ModelFolder.open(golden.model()).family();
    return family == ModelFamily.FLUX1_DEV || family == ModelFamily.FLUX1_SCHNELL;
  }

  private static void run(GoldenCase golden, Backend backend, DType type) {
    JsonNode call = golden.parameters().path("call");
    try (EncoderModel model =
        EncoderModel.load(ModelFolder.open(golden.model()), backend, type, new ModelHash(null))) {
      check(golden, model, "", call);
      if (golden.names().contains("mid.negative_prompt_embeds")) {
        check(golden, model, "negative_", call);
      }
    }
  }

  private static void check(GoldenCase golden, EncoderModel model, String sign, JsonNode call) {
    String prompt = call.path(sign + "prompt").asText();
    String second = call.path(sign + "prompt_2").asText(prompt);
    EncodePipeline pipeline = model.pipeline();
    int length = call.path("max_sequence_length").asInt(model.defaultMaxSequenceLength());
    PromptEmbeds embeds =
        pipeline
            .encode(
                List.of(pipeline.tokenize(new Prompt(prompt), Prompt.second(second), length)),
                model.defaultOutputLayers())
            .getFirst();
    match(golden, "mid." + sign + "prompt_embeds", embeds.tensor());
    match(
        golden,
        "mid." + sign + "pooled_prompt_embeds",
        Objects.requireNonNull(embeds.pooled()).tensor());
  }

  /** The case has the embeds once for every picture of the prompt. */
  private static void match(GoldenCase golden, String name, HostTensor ours) {
    Shape shape = golden.tensor(name).shape();
    HostTensor all = HostTensor.zeros(ours.dtype(), shape);
    for (int picture = 0; picture < shape.dim(0); picture++) {
      all.slice(picture, 1).data().copyFrom(ours.data());
    }
    golden.assertMatches(name, all);
  }
}
