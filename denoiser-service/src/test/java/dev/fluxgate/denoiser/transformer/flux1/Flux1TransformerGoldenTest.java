package dev.fluxgate.denoiser.transformer.flux1;

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
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Flux1TransformerGoldenTest {

  static Stream<GoldenCase> cases() {
    return GoldenCase.all("flux1-transformer").stream();
  }

  static Stream<Arguments> casesOnEveryBackend() {
    return TestedBackend.each(cases());
  }

  @ParameterizedTest
  @MethodSource("casesOnEveryBackend")
  void matchesTheReferenceStageByStage(GoldenCase golden, TestedBackend tested) {
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model())) {
      RecordedStages stages = new RecordedStages(backend);

      HostTensor sample =
          new Flux1TransformerRun(backend, params(golden), checkpoint, dtype(golden))
              .sample(golden, stages);

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
  @MethodSource("cases")
  void turnsPositionsIntoTheReferencesAngles(GoldenCase golden) {
    AxialRope rope = new AxialRope(params(golden).ropeAxes(), Flux1Params.ROPE_THETA);
    PositionIds ids =
        Flux1TransformerRun.positions(golden.tensor("in.txt_ids"))
            .then(Flux1TransformerRun.positions(golden.tensor("in.img_ids")));

    golden.assertMatches("mid.rope.cos", eachTwice(rope.cos(ids)));
    golden.assertMatches("mid.rope.sin", eachTwice(rope.sin(ids)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsASingleFileAsTheFolder(GoldenCase golden) {
    try (Backend backend = TestedBackend.REFERENCE.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model())) {
      Flux1Params params = params(golden);

      HostTensor folder = sample(golden, backend, params, checkpoint);
      HostTensor file =
          sample(golden, backend, params, BflTransformer.adapt(SingleFile.of(checkpoint, params)));

      assertThat(file.toFloats()).isEqualTo(folder.toFloats());
    }
  }

  private static HostTensor sample(
      GoldenCase golden, Backend backend, Flux1Params params, TensorSource source) {
    return new Flux1TransformerRun(backend, params, source, dtype(golden))
        .sample(golden, StageProbe.NONE);
  }

  private static Flux1Params params(GoldenCase golden) {
    return Flux1Params.of(ConfigJson.read(golden.model().resolve("config.json")));
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
