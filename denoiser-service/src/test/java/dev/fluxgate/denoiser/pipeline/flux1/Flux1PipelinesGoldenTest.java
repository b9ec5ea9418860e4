package dev.fluxgate.denoiser.pipeline.flux1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Flux1PipelinesGoldenTest {

  static Stream<Arguments> casesOnEveryBackend() {
    return TestedBackend.each(Flux1Case.all());
  }

  @ParameterizedTest
  @MethodSource("casesOnEveryBackend")
  void paintsWhatTheReferencePaintsFromThesePromptEmbeds(GoldenCase golden, TestedBackend tested)
      throws IOException {
    Flux1Case flux1 = new Flux1Case(golden);
    DenoiseRequest request = flux1.request();
    try (Backend backend = tested.open()) {
      RecordedStages stages = new RecordedStages(backend);
      try (DenoiserModel model = DenoiserModel.load(flux1.folder(), backend, DType.F32, stages)) {
        Pipeline pipeline = PipelineChoice.of(model, null, request);

        GeneratedImages made = pipeline.run(request, flux1.embeds(), DenoiseListener.NONE);

        assertThat(pipeline.kind().className()).isEqualTo(golden.operation());
        assertSteps(golden, stages);
        golden.assertMatches("out.latents", made.packedLatents());
        golden.assertMatches("out.image", LatentPacker.channelsFirst(made.pixels()));
        golden.assertMatches("out.png", levels(made.images(), golden));
      }
    }
  }

  private static void assertSteps(GoldenCase golden, RecordedStages stages) {
    Shape shape = golden.tensor("mid.first_call.hidden_states").shape();
    RecordedStages.assertStage(
        golden, "mid.first_call.hidden_states", stages.all("initial_latents", shape));
    for (String name : golden.names()) {
      if (name.startsWith("mid.model_output.") || name.startsWith("mid.latents_after_step.")) {
        HostTensor stage = stages.all(name.substring("mid.".length()), shape);
        RecordedStages.assertStage(golden, name, stage);
      }
    }
  }

  /** (N, H, W, 3). */
  private static HostTensor levels(List<RgbImage> images, GoldenCase golden) {
    HostTensor levels = HostTensor.zeros(DType.U8, golden.tensor("out.png").shape());
    long each = levels.shape().count() / images.size();
    for (int n = 0; n < images.size(); n++) {
      levels.data().asSlice(n * each, each).copyFrom(MemorySegment.ofArray(images.get(n).rgb()));
    }
    return levels;
  }
}
