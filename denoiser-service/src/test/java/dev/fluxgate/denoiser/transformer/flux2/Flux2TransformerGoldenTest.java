package dev.fluxgate.denoiser.transformer.flux2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.denoiser.transformer.AxialRope;
import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Flux2TransformerGoldenTest {

  static Stream<GoldenCase> forwardCases() {
    return GoldenCase.all("flux2-transformer").stream()
        .filter(golden -> golden.operation().equals("forward"));
  }

  static Stream<GoldenCase> singleFileCases() {
    return GoldenCase.all("formats-safetensors").stream()
        .filter(golden -> golden.operation().equals("forward_single_file"));
  }

  static Stream<Arguments> forwardCasesOnEveryBackend() {
    return TestedBackend.each(forwardCases());
  }

  static Stream<Arguments> singleFileCasesOnEveryBackend() {
    return TestedBackend.each(singleFileCases());
  }

  @ParameterizedTest
  @MethodSource("forwardCasesOnEveryBackend")
  void matchesTheReferenceStageByStage(GoldenCase golden, TestedBackend tested) {
    DType dtype = dtype(golden);
    Flux2Params params = Flux2Params.of(ConfigJson.read(golden.model().resolve("config.json")));
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model())) {
      RecordedStages stages = new RecordedStages(backend);

      HostTensor sample =
          new TransformerRun(backend, params, checkpoint, dtype).sample(golden, stages);

      golden.assertMatches("out.sample", sample);
      for (String name : golden.names()) {
        if (name.startsWith("mid.") && !name.startsWith("mid.rope.")) {
          Shape shape = golden.tensor(name).shape();
          RecordedStages.assertStage(
              golden, name, stages.all(name.substring("mid.".length()), shape));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("forwardCases")
  void turnsPositionsIntoTheReferencesAngles(GoldenCase golden) {
    Flux2Params params = Flux2Params.of(ConfigJson.read(golden.model().resolve("config.json")));
    AxialRope rope = new AxialRope(params.ropeAxes(), params.ropeTheta());
    for (String kind : List.of("img", "txt")) {
      if (golden.names().contains("mid.rope." + kind + ".cos")) {
        PositionIds ids = TransformerRun.positions(golden.tensor("in." + kind + "_ids"));
        golden.assertMatches("mid.rope." + kind + ".cos", eachTwice(rope.cos(ids)));
        golden.assertMatches("mid.rope." + kind + ".sin", eachTwice(rope.sin(ids)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("singleFileCasesOnEveryBackend")
  void readsSingleFilesWithoutAConfiguration(GoldenCase golden, TestedBackend tested) {
    try (Backend backend = tested.open();
        Checkpoint file = Checkpoint.open(golden.file("flux2.safetensors"))) {
      TensorSource source = BflTransformer.adapt(file);
      Flux2Params params = Flux2Weights.params(source);

      HostTensor sample =
          new TransformerRun(backend, params, source, dtype(golden))
              .sample(golden, StageProbe.NONE);

      golden.assertMatches("out.sample", sample);
      assertThat(params.guidanceEmbeds())
          .isEqualTo(golden.parameters().path("config").path("guidance_embeds").asBoolean());
    }
  }

  private static DType dtype(GoldenCase golden) {
    return golden.parameters().path("compute_dtype").asText().equals("bfloat16")
        ? DType.BF16
        : DType.F32;
  }

  /** The reference repeats the angle of a pair for both its features. */
  private static HostTensor eachTwice(HostTensor pairs) {
    Shape s = pairs.shape();
    HostTensor out = HostTensor.zeros(pairs.dtype(), Shape.of(s.dim(0), 2 * s.dim(1)));
    for (long i = 0; i < out.shape().count(); i++) {
      out.set(i, pairs.get(i / 2));
    }
    return out;
  }
}
