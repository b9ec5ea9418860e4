package dev.fluxgate.denoiser.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.Tiling;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PipelineGoldenTest {
  private static final Set<String> PIPELINES =
      Set.of(
          "Flux2Pipeline",
          "Flux2KleinPipeline",
          "Flux2KleinKVPipeline",
          "Flux2KleinInpaintPipeline");

  static Stream<Arguments> casesOnEveryBackend() {
    return TestedBackend.each(
        GoldenCase.all("pipelines").stream()
            .filter(golden -> PIPELINES.contains(golden.operation())));
  }

  @ParameterizedTest
  @MethodSource("casesOnEveryBackend")
  void paintsWhatTheReferencePaintsFromThesePromptEmbeds(GoldenCase golden, TestedBackend tested)
      throws IOException {
    DType dtype =
        golden.parameters().path("compute_dtype").asText().equals("bfloat16")
            ? DType.BF16
            : DType.F32;
    ModelFolder folder = ModelFolder.open(golden.model());
    try (Backend backend = tested.open()) {
      RecordedStages stages = new RecordedStages(backend);
      try (DenoiserModel model = DenoiserModel.load(folder, backend, dtype, stages)) {
        DenoiseRequest request = request(golden);
        GeneratedImages made =
            PipelineChoice.of(model, golden.operation(), request)
                .run(request, embeds(golden), DenoiseListener.NONE);

        assertSteps(golden, stages);
        HostTensor latents =
            folder.family() == ModelFamily.FLUX2_DEV ? made.packedLatents() : made.latents();
        golden.assertMatches("out.latents", latents);
        golden.assertMatches("out.image", LatentPacker.channelsFirst(made.pixels()));
        golden.assertMatches("out.png", levels(made.images(), golden));
      }
    }
  }

  private static void assertSteps(GoldenCase golden, RecordedStages stages) {
    Shape shape = golden.tensor("in.initial_latents").shape();
    boolean startsFromNoise = !golden.operation().equals("Flux2KleinInpaintPipeline");
    if (startsFromNoise && !golden.names().contains("in.latents")) {
      HostTensor noise = stages.all("initial_latents", shape);
      assertThat(noise.data().mismatch(golden.tensor("in.initial_latents").data()))
          .as("%s: first byte of the noise that differs", golden)
          .isEqualTo(-1);
    }
    for (String name : golden.names()) {
      if (name.startsWith("mid.model_output.") || name.startsWith("mid.latents_after_step.")) {
        HostTensor stage = stages.all(name.substring("mid.".length()), shape);
        RecordedStages.assertStage(golden, name, stage);
      }
    }
  }

  private static DenoiseRequest request(GoldenCase golden) throws IOException {
    JsonNode call = golden.parameters().path("call");
    List<Float> sigmas = new ArrayList<>();
    call.path("sigmas").forEach(sigma -> sigmas.add((float) sigma.asDouble()));
    NoiseSource noise = NoiseSource.of(golden.parameters().path("generator_seed").asLong());
    JsonNode strength = call.path("strength");
    StepSchedule steps =
        StepSchedule.of(call.path("num_inference_steps").asInt(50)).withSigmas(sigmas);
    JsonNode width = call.path("width");
    JsonNode height = call.path("height");
    return new DenoiseRequest(
        new PictureSize(
            width.isInt() ? width.intValue() : null,
            height.isInt() ? height.intValue() : null,
            true),
        strength.isNumber() ? steps.withStrength(strength.asDouble()) : steps,
        Guidance.of(call.path("guidance_scale").asDouble(4)),
        golden.names().contains("in.latents")
            ? noise.withLatents(golden.tensor("in.latents"))
            : noise,
        pictures(golden),
        Tiling.AUTOMATIC,
        imagesPerPrompt(golden),
        false);
  }

  /** A list of pictures is looked at; a single one is started from. */
  private static InputPictures pictures(GoldenCase golden) throws IOException {
    JsonNode image = golden.parameters().path("call").path("image");
    List<Picture> references = new ArrayList<>();
    for (JsonNode file : image) {
      references.add(picture(golden, file));
    }
    return new InputPictures(
        references,
        one(golden, "image"),
        one(golden, "mask_image"),
        one(golden, "image_reference"),
        null);
  }

  private static @Nullable Picture one(GoldenCase golden, String name) throws IOException {
    JsonNode file = golden.parameters().path("call").path(name);
    return file.isTextual() ? picture(golden, file) : null;
  }

  private static Picture picture(GoldenCase golden, JsonNode file) throws IOException {
    byte[] bytes = Files.readAllBytes(golden.file(file.asText()));
    return PictureDecoder.decode(file.asText(), bytes, DecodeLimits.DEFAULT);
  }

  private static PromptEmbeds embeds(GoldenCase golden) {
    HostTensor positive = embeds(golden, "prompt_embeds");
    if (positive == null) {
      throw new AssertionError(golden + ": no prompt embeds");
    }
    return PromptEmbeds.of(positive, embeds(golden, "negative_prompt_embeds"));
  }

  /** As given, or as the reference's encoder made them, there once for every picture. */
  private static @Nullable HostTensor embeds(GoldenCase golden, String name) {
    if (golden.names().contains("in." + name)) {
      return golden.tensor("in." + name);
    }
    if (!golden.names().contains("mid." + name)) {
      return null;
    }
    HostTensor repeated = golden.tensor("mid." + name);
    int images = imagesPerPrompt(golden);
    List<HostTensor> prompts = new ArrayList<>();
    for (int row = 0; row < repeated.shape().size(0); row += images) {
      prompts.add(repeated.slice(row, 1));
    }
    Shape s = repeated.shape();
    return RecordedStages.stack(prompts, Shape.of(prompts.size(), s.dim(1), s.dim(2)));
  }

  private static int imagesPerPrompt(GoldenCase golden) {
    return golden.parameters().path("call").path("num_images_per_prompt").asInt(1);
  }

  /** (N, H, W, 3); the stored PNG files must hold what the golden tensor does. */
  private static HostTensor levels(List<RgbImage> images, GoldenCase golden) throws IOException {
    HostTensor expected = golden.tensor("out.png");
    HostTensor levels = HostTensor.zeros(DType.U8, expected.shape());
    long each = expected.shape().count() / images.size();
    for (int n = 0; n < images.size(); n++) {
      byte[] stored = PngFile.read(golden.file("image_out" + n + ".png")).image().rgb();
      assertThat(stored).isEqualTo(bytes(expected.slice(n, 1)));
      levels.data().asSlice(n * each, each).copyFrom(MemorySegment.ofArray(images.get(n).rgb()));
    }
    return levels;
  }

  private static byte[] bytes(HostTensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }
}
