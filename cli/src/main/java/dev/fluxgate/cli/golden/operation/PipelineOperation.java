package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.DenoiseRequest;
import dev.fluxgate.denoiser.pipeline.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.PromptEmbeds;
import dev.fluxgate.denoiser.pipeline.TextToImagePipeline;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A whole pipeline from prompt to pictures: our text encoder, our noise, our steps, our VAE. */
final class PipelineOperation {
  private static final String PROMPT_EMBEDS = "prompt_embeds";
  private static final String NEGATIVE = "negative_prompt_embeds";

  private final CaseRun run;
  private final JsonNode call;
  private final ModelFolder folder;

  private PipelineOperation(CaseRun run) {
    this.run = run;
    this.call = run.golden().parameters().path("call");
    this.folder = ModelFolder.open(run.golden().modelFolder());
  }

  /** Text to image. */
  static void textToImage(CaseRun run) {
    new PipelineOperation(run).textToImage();
  }

  private void textToImage() {
    StageRecord stages = new StageRecord(run);
    try (DenoiserModel model =
        DenoiserModel.load(folder, run.backend(), run.golden().computeType(), stages)) {
      DenoiseRequest request = request();
      PromptEmbeds embeds = embeds(model.isClassifierFree(request.guidanceScale()));
      GeneratedImages made =
          new TextToImagePipeline(model).run(request, embeds, DenoiseListener.NONE);
      stages.compare();
      boolean dev = folder.family() == ModelFamily.FLUX2_DEV;
      run.put("latents", dev ? made.packedLatents() : made.latents());
      run.put("image", LatentPacker.channelsFirst(made.pixels()));
      run.put("png", levels(made.images()));
    }
  }

  private DenoiseRequest request() {
    List<Float> sigmas = new ArrayList<>();
    call.path("sigmas").forEach(sigma -> sigmas.add((float) sigma.doubleValue()));
    ModelFamily.Defaults defaults = folder.defaults();
    DenoiseRequest request =
        DenoiseRequest.of(
                call.path("width").asInt(defaults.width()),
                call.path("height").asInt(defaults.height()),
                call.path("num_inference_steps").asInt(defaults.numInferenceSteps()),
                call.path("guidance_scale").asDouble(defaults.guidanceScale()),
                run.golden().parameters().path("generator_seed").longValue())
            .withRoundSize(true)
            .withNumImages(imagesPerPrompt())
            .withSigmas(sigmas);
    HostTensor latents = run.optionalInput("latents");
    return latents == null ? request : request.withLatents(latents);
  }

  /** As the case gives them, or from its prompts. */
  private PromptEmbeds embeds(boolean classifierFree) {
    HostTensor positive = run.optionalInput(PROMPT_EMBEDS);
    HostTensor negative = run.optionalInput(NEGATIVE);
    boolean encodesNegative = classifierFree && negative == null;
    if (positive == null || encodesNegative) {
      try (CaseEncoder encoder = new CaseEncoder(run, folder, call)) {
        positive = positive == null ? encoder.embeds(prompts()) : positive;
        negative = encodesNegative ? encoder.embeds(List.of("")) : negative;
      }
    }
    compare(PROMPT_EMBEDS, positive);
    if (negative != null) {
      compare(NEGATIVE, negative);
    }
    return new PromptEmbeds(positive, negative);
  }

  private List<String> prompts() {
    List<String> prompts = new ArrayList<>();
    JsonNode prompt = call.path("prompt");
    if (prompt.isArray()) {
      prompt.forEach(each -> prompts.add(each.asText()));
    } else {
      prompts.add(prompt.asText());
    }
    return prompts;
  }

  /** The reference keeps the embeds of a prompt once for each of its pictures. */
  private void compare(String name, HostTensor embeds) {
    GoldenTensor golden = run.golden().tensor("mid." + name);
    if (golden == null) {
      return;
    }
    Shape s = golden.shape();
    long repeats = s.dim(0) / embeds.shape().dim(0);
    List<HostTensor> rows = new ArrayList<>();
    for (long i = 0; i < s.dim(0); i++) {
      rows.add(embeds.slice(i / repeats, 1));
    }
    run.putIntermediate(name, Numbers.stack(rows, s));
  }

  private int imagesPerPrompt() {
    return call.path("num_images_per_prompt").asInt(1);
  }

  /** (N, H, W, 3). */
  private static HostTensor levels(List<RgbImage> images) {
    RgbImage first = images.getFirst();
    List<HostTensor> pixels =
        images.stream()
            .map(image ->
                new HostTensor(
                    DType.U8,
                    Shape.of(image.height(), image.width(), RgbImage.CHANNELS),
                    MemorySegment.ofArray(image.rgb())))
            .toList();
    return Numbers.stack(
        pixels, Shape.of(images.size(), first.height(), first.width(), RgbImage.CHANNELS));
  }
}
