package dev.fluxgate.denoiser.pipeline.flux2;

import static dev.fluxgate.denoiser.testing.RequestChanges.withNoise;
import static dev.fluxgate.denoiser.testing.RequestChanges.withNumImages;
import static dev.fluxgate.denoiser.testing.RequestChanges.withPreviews;
import static dev.fluxgate.denoiser.testing.RequestChanges.withSize;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.DenoiseCancelledException;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.NonFiniteResultException;
import dev.fluxgate.denoiser.pipeline.PictureEstimate;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.denoiser.testing.TinyModels;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.failure.WorkspaceExhaustedException;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Flux2PipelineTest {
  private final Backend backend = new ReferenceBackend();

  @AfterEach
  void closeBackend() {
    backend.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX2_KLEIN_BASE"})
  void plansTheBytesOfAJobExactly(ModelFamily family) throws IOException {
    try (Flux2Model model = load(TinyModels.of(family))) {
      for (int images = 1; images < 4; images++) {
        DenoiseRequest request =
            withPreviews(withNumImages(request(model, 3, 2), images), images == 2);
        PromptShapes prompts =
            new PromptShapes(embeds(model, 2, 5).shape(), embeds(model, 1, 9).shape());
        Pipeline pipeline = pipeline(model);
        long planned = pipeline.plannedBytes(request, prompts);
        Flux2Task task =
            Flux2Task.of(model, pipeline.kind(), request, prompts, pipeline.steersAway(request));

        try (Workspace memory = backend.workspace(planned)) {
          assertThat(layOut(memory, model, task).passes()).isNotEmpty();
          assertThat(memory.peakBytes()).isEqualTo(planned);
        }
        try (Workspace less = backend.workspace(planned - 1)) {
          assertThatThrownBy(() -> layOut(less, model, task))
              .isInstanceOf(WorkspaceExhaustedException.class);
        }
      }
    }
  }

  private static Flux2Memory layOut(Workspace workspace, Flux2Model model, Flux2Task task) {
    return new Flux2Memory(workspace, model, task, Tiling.NONE);
  }

  @Test
  void paintsEveryPictureOfABatchAsItWouldAlone() throws IOException {
    try (Flux2Model model = load(TinyModels.of(ModelFamily.FLUX2_KLEIN_BASE))) {
      Pipeline pipeline = pipeline(model);
      HostTensor positive = embeds(model, 2, 5);
      HostTensor negative = embeds(model, 1, 7);
      DenoiseRequest request = request(model, 2, 3);
      int channels = model.transformer().params().inChannels();
      HostTensor noise = new TorchGenerator(7).randn(Shape.of(4, channels, 3, 2), DType.F32);

      GeneratedImages all =
          pipeline.run(
              withNoise(withNumImages(request, 2), NoiseSource.of(0).withLatents(noise)),
              PromptEmbeds.of(positive, negative),
              DenoiseListener.NONE);

      assertThat(all.images()).hasSize(4);
      for (int n = 0; n < 4; n++) {
        PromptEmbeds one = PromptEmbeds.of(positive.slice(n / 2, 1), negative);
        GeneratedImages alone =
            pipeline.run(
                withNoise(request, NoiseSource.of(0).withLatents(noise.slice(n, 1))),
                one,
                DenoiseListener.NONE);
        assertThat(all.images().get(n)).isEqualTo(alone.images().getFirst());
      }
    }
  }

  @Test
  void drawsTheNoiseOfAllPicturesFromOneGenerator() throws IOException {
    try (Flux2Model model = load(TinyModels.of(ModelFamily.FLUX2_KLEIN))) {
      Pipeline pipeline = pipeline(model);
      PromptEmbeds embeds = PromptEmbeds.of(embeds(model, 1, 5));
      DenoiseRequest request = request(model, 4, 4);

      GeneratedImages two = pipeline.run(withNumImages(request, 2), embeds, DenoiseListener.NONE);
      GeneratedImages again = pipeline.run(withNumImages(request, 2), embeds, DenoiseListener.NONE);
      GeneratedImages one = pipeline.run(request, embeds, DenoiseListener.NONE);

      assertThat(two.images()).isEqualTo(again.images());
      assertThat(two.images().getFirst()).isEqualTo(one.images().getFirst());
      assertThat(two.images().getFirst()).isNotEqualTo(two.images().getLast());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX2_KLEIN_BASE"})
  void drawsTheSameToTheLastBitWhileLookedAt(ModelFamily family) throws IOException {
    try (Flux2Model model = load(TinyModels.of(family))) {
      Pipeline pipeline = pipeline(model);
      PromptEmbeds embeds = PromptEmbeds.of(embeds(model, 2, 5), embeds(model, 1, 7));
      DenoiseRequest request = withNumImages(request(model, 4, 3), 2);
      Looking looking = new Looking();

      GeneratedImages unseen = pipeline.run(request, embeds, looking);
      assertThat(looking.previews).as("nothing to look at").isEmpty();
      GeneratedImages seen = pipeline.run(withPreviews(request, true), embeds, looking);

      assertThat(looking.previews).hasSize(2 * 4);
      assertThat(seen.packedLatents().toFloats()).isEqualTo(unseen.packedLatents().toFloats());
      assertThat(seen.images()).isEqualTo(unseen.images());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX2_KLEIN_BASE"})
  void estimatesWhatTheLatentsWouldBeAtTheEnd(ModelFamily family) throws IOException {
    try (Flux2Model model = load(TinyModels.of(family))) {
      PromptEmbeds embeds = PromptEmbeds.of(embeds(model, 1, 5), embeds(model, 1, 7));
      Looking looking = new Looking();
      GeneratedImages made =
          pipeline(model).run(withPreviews(request(model, 4, 3), true), embeds, looking);

      float[] atTheEnd = looking.latents.getLast();
      assertThat(atTheEnd).isEqualTo(made.packedLatents().toFloats());
      assertThat(looking.latents.getFirst()).isNotEqualTo(atTheEnd);
    }
  }

  private static final class Looking implements DenoiseListener {
    private final List<RgbImage> previews = new ArrayList<>();
    private final List<float[]> latents = new ArrayList<>();

    @Override
    public void onEstimate(int done, int steps, PictureEstimate estimate) {
      for (int image = 0; image < estimate.images(); image++) {
        previews.add(estimate.preview(image));
        latents.add(estimate.latents(image));
      }
    }
  }

  @Test
  void refusesASizeThatTheModelCannotMakeUnlessItMayRound() throws IOException {
    try (Flux2Model model = load(TinyModels.of(ModelFamily.FLUX2_DEV))) {
      Pipeline pipeline = pipeline(model);
      PromptEmbeds embeds = PromptEmbeds.of(embeds(model, 1, 5));
      int token = model.tokenPixels();
      DenoiseRequest odd = DenoiseRequest.of(3 * token + 1, 2 * token, 1, 4, 7);

      assertThatThrownBy(() -> pipeline.run(odd, embeds, DenoiseListener.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "width: %d (expected: a multiple of %d; the nearest are %d and %d)",
              3 * token + 1, token, 3 * token, 4 * token);
      GeneratedImages rounded =
          pipeline.run(
              withSize(odd, PictureSize.within(3 * token + 1, 2 * token)),
              embeds,
              DenoiseListener.NONE);
      assertThat(rounded.images().getFirst().width()).isEqualTo(3 * token);
    }
  }

  @Test
  void refusesEmbedsAndLatentsOfAnotherModel() throws IOException {
    try (Flux2Model model = load(TinyModels.of(ModelFamily.FLUX2_KLEIN_BASE))) {
      Pipeline pipeline = pipeline(model);
      int width = model.transformer().params().promptWidth();
      HostTensor positive = embeds(model, 2, 5);
      DenoiseRequest request = request(model, 2, 2);

      HostTensor narrow = HostTensor.zeros(DType.F32, Shape.of(1, 5, width - 1));
      assertThatThrownBy(() -> run(pipeline, request, PromptEmbeds.of(narrow)))
          .hasMessage(
              "prompt embeds: [1, 5, %d] (expected: [prompts, tokens, %d])", width - 1, width);
      assertThatThrownBy(() -> run(pipeline, request, PromptEmbeds.of(positive)))
          .hasMessageStartingWith(
              "negative prompt embeds: none (expected: some, for true guidance");
      PromptEmbeds three = PromptEmbeds.of(positive, embeds(model, 3, 5));
      assertThatThrownBy(() -> run(pipeline, request, three))
          .hasMessageContaining("(expected: one, or one for each of 2 prompts)");
      HostTensor latents = HostTensor.zeros(DType.F32, Shape.of(1, 4, 2, 2));
      PromptEmbeds both = PromptEmbeds.of(positive, positive);
      assertThatThrownBy(
              () -> run(pipeline, withNoise(request, NoiseSource.of(0).withLatents(latents)), both))
          .hasMessageStartingWith("latents: [1, 4, 2, 2] (expected: [2, ");
    }
  }

  @Test
  void refusesNumbersThatNoModelTakes() {
    assertThatThrownBy(() -> DenoiseRequest.of(64, 64, 0, 4, 7))
        .hasMessage("num_inference_steps: 0 (expected: at least 1)");
    assertThatThrownBy(() -> DenoiseRequest.of(64, 64, 1, Double.NaN, 7))
        .hasMessage("guidance_scale: NaN (expected: a number of at least 0)");
    assertThatThrownBy(() -> withNumImages(DenoiseRequest.of(64, 64, 1, 4, 7), 0))
        .hasMessage("num_images: 0 (expected: at least 1)");
  }

  @Test
  void tellsEveryStageAndStep() throws IOException {
    try (Flux2Model model = load(TinyModels.of(ModelFamily.FLUX2_KLEIN))) {
      List<String> heard = new ArrayList<>();
      DenoiseListener listener =
          new DenoiseListener() {
            @Override
            public void onStage(Stage stage) {
              heard.add(stage.name());
            }

            @Override
            public void onStep(int done, int steps) {
              heard.add(done + "/" + steps);
            }
          };

      pipeline(model).run(request(model, 2, 2), PromptEmbeds.of(embeds(model, 1, 3)), listener);

      assertThat(heard).containsExactly("DENOISING", "1/2", "2/2", "DECODING");
    }
  }

  @Test
  void stopsBeforeTheNextStepOnceCancelled() throws IOException {
    try (Flux2Model model = load(TinyModels.of(ModelFamily.FLUX2_KLEIN))) {
      DenoiseListener afterOneStep =
          new DenoiseListener() {
            private boolean cancelled;

            @Override
            public void onStep(int done, int steps) {
              cancelled = true;
            }

            @Override
            public boolean isCancelled() {
              return cancelled;
            }
          };

      assertThatThrownBy(() ->
              pipeline(model)
                  .run(request(model, 2, 2), PromptEmbeds.of(embeds(model, 1, 3)), afterOneStep))
          .isInstanceOf(DenoiseCancelledException.class)
          .hasMessage("job: cancelled after 1 of 2 steps");
    }
  }

  @Test
  void saysSoWhenTheModelComputesNoNumbers(@TempDir Path folder) throws IOException {
    ModelFolder broken =
        TinyModels.changed(
            TinyModels.of(ModelFamily.FLUX2_KLEIN),
            folder,
            "transformer",
            tensors ->
                tensors.computeIfPresent(
                    "proj_out.weight", (_, weight) -> withFirst(weight, Float.NaN)));
    try (Flux2Model model = load(broken)) {
      assertThatThrownBy(() ->
              run(pipeline(model), request(model, 2, 2), PromptEmbeds.of(embeds(model, 1, 3))))
          .isInstanceOf(NonFiniteResultException.class)
          .hasMessageMatching("latents: \\d+ of \\d+ values are not finite \\(expected: none; .*");
    }
  }

  @Test
  void saysSoWhenTheVaeDecodesNoNumbers(@TempDir Path folder) throws IOException {
    ModelFolder broken =
        TinyModels.changed(
            TinyModels.of(ModelFamily.FLUX2_KLEIN),
            folder,
            "vae",
            tensors ->
                tensors.computeIfPresent(
                    "decoder.conv_out.bias",
                    (_, bias) -> withFirst(bias, Float.POSITIVE_INFINITY)));
    try (Flux2Model model = load(broken)) {
      assertThatThrownBy(() ->
              run(pipeline(model), request(model, 2, 2), PromptEmbeds.of(embeds(model, 1, 3))))
          .isInstanceOf(NonFiniteResultException.class)
          .hasMessageStartingWith("pixels: ");
    }
  }

  private Flux2Model load(ModelFolder folder) {
    return (Flux2Model) DenoiserModel.load(folder, backend, DType.F32, StageProbe.NONE);
  }

  private static Pipeline pipeline(Flux2Model model) {
    return PipelineChoice.of(model, null, request(model, 1, 1));
  }

  private static void run(Pipeline pipeline, DenoiseRequest request, PromptEmbeds embeds) {
    pipeline.run(request, embeds, DenoiseListener.NONE);
  }

  /** Two steps at guidance 4 for a picture of this many tokens. */
  private static DenoiseRequest request(Flux2Model model, int columns, int rows) {
    int token = model.tokenPixels();
    return DenoiseRequest.of(columns * token, rows * token, 2, 4, 7);
  }

  private static HostTensor embeds(Flux2Model model, int prompts, int tokens) {
    Shape shape = Shape.of(prompts, tokens, model.transformer().params().promptWidth());
    return new TorchGenerator(prompts + tokens).randn(shape, DType.F32);
  }

  private static HostTensor withFirst(HostTensor tensor, float value) {
    HostTensor copy = HostTensor.zeros(tensor.dtype(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    copy.set(0, value);
    return copy;
  }
}
