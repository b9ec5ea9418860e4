package dev.fluxgate.denoiser.pipeline.flux1;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.denoiser.request.Tiling;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A golden run of a FLUX.1 pipeline, as a request and the reference's own embeds. */
record Flux1Case(GoldenCase golden) {

  /** All of them. */
  static Stream<GoldenCase> all() {
    return GoldenCase.all("pipelines").stream()
        .filter(golden ->
            golden.operation().startsWith("Flux") && !golden.operation().startsWith("Flux2"));
  }

  /** The first one of a class. */
  static Flux1Case of(String operation, String model) {
    return all()
        .filter(golden -> golden.operation().equals(operation))
        .filter(golden -> golden.model().endsWith(model))
        .map(Flux1Case::new)
        .findFirst()
        .orElseThrow();
  }

  ModelFolder folder() {
    return ModelFolder.open(golden.model());
  }

  /** Whether the tensor is there. */
  boolean has(String name) {
    return golden.names().contains(name);
  }

  DenoiseRequest request() throws IOException {
    JsonNode call = call();
    StepSchedule schedule = StepSchedule.of(call.path("num_inference_steps").asInt());
    return new DenoiseRequest(
        PictureSize.within(call.path("width").asInt(), call.path("height").asInt()),
        call.has("strength") ? schedule.withStrength(call.path("strength").asDouble()) : schedule,
        new Guidance(
            call.path("guidance_scale").asDouble(), call.path("true_cfg_scale").asDouble(1)),
        NoiseSource.of(golden.parameters().path("generator_seed").asLong()),
        new InputPictures(List.of(), picture("image"), picture("mask_image"), null, null),
        Tiling.AUTOMATIC,
        imagesPerPrompt(),
        false);
  }

  PromptEmbeds embeds() {
    return new PromptEmbeds(
        new TextEmbeds(prompts("mid.prompt_embeds"), prompts("mid.pooled_prompt_embeds")),
        has("mid.negative_prompt_embeds")
            ? new TextEmbeds(
                prompts("mid.negative_prompt_embeds"), prompts("mid.negative_pooled_prompt_embeds"))
            : null);
  }

  private JsonNode call() {
    return golden.parameters().path("call");
  }

  private int imagesPerPrompt() {
    return call().path("num_images_per_prompt").asInt(1);
  }

  private @Nullable Picture picture(String argument) throws IOException {
    if (!call().has(argument)) {
      return null;
    }
    byte[] bytes = Files.readAllBytes(golden.file(call().path(argument).asText()));
    return PictureDecoder.decode(argument, bytes, DecodeLimits.DEFAULT);
  }

  /** As the reference's encoders made them, there once for every picture. */
  private HostTensor prompts(String name) {
    HostTensor repeated = golden.tensor(name);
    List<HostTensor> prompts = new ArrayList<>();
    for (int row = 0; row < repeated.shape().size(0); row += imagesPerPrompt()) {
      prompts.add(repeated.slice(row, 1));
    }
    long[] dims = repeated.shape().dims().stream().mapToLong(Long::longValue).toArray();
    dims[0] = prompts.size();
    return RecordedStages.stack(prompts, Shape.of(dims));
  }
}
