package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenCaseException;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.denoiser.request.Tiling;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole pipeline from prompt and pictures to pictures: our text encoder, our noise, our steps,
 * our VAE. Which one, the case says by the name of its class.
 */
final class PipelineOperation {
  private static final String PROMPT_EMBEDS = "prompt_embeds";

  /**
   * What the steps start from is the first argument of the reference's first call, before the
   * tokens of references, or behind them where they are kept.
   */
  private static final Map<String, String> FIRST_CALL =
      Map.of(
          "kept_references", "first_call.hidden_states",
          "initial_latents", "first_call.hidden_states");

  private static final String NEGATIVE = "negative_";

  private final CaseRun run;
  private final JsonNode call;
  private final ModelFolder folder;

  private PipelineOperation(CaseRun run) {
    this.run = run;
    this.call = run.golden().parameters().path("call");
    this.folder = ModelFolder.open(run.golden().modelFolder());
  }

  /** The pipeline that the case names. */
  static void generate(CaseRun run) {
    new PipelineOperation(run).generate();
  }

  private void generate() {
    StageRecord stages = new StageRecord(run, FIRST_CALL);
    try (DenoiserModel model =
        DenoiserModel.load(folder, run.backend(), run.golden().computeType(), stages)) {
      DenoiseRequest request = request();
      Pipeline pipeline = PipelineChoice.of(model, run.golden().operation(), request);
      PromptEmbeds embeds = embeds(pipeline.steersAway(request));
      GeneratedImages made = pipeline.run(request, embeds, DenoiseListener.NONE);
      stages.compareRows(made.packedLatents().shape());
      compareTimes(stages);
      comparePlaces(stages);
      run.put("latents", packsItsLatents() ? made.packedLatents() : made.latents());
      run.put("image", LatentPacker.channelsFirst(made.pixels()));
      run.put("png", levels(made.images()));
    }
  }

  /** A start from a picture leaves out steps that the reference's schedule still has in front. */
  private void compareTimes(StageRecord stages) {
    run.putLast("sigmas", Numbers.tensor(stages.known("sigmas").getFirst()));
    run.putLast("timesteps", Numbers.tensor(stages.known("timesteps").getFirst()));
    compareFirst("first_call.timestep", stages.known("times").getFirst());
    compareFirst("first_call.guidance", stages.known("guidance").getFirst());
  }

  /** The first step's, which the reference repeats for every picture. */
  private void compareFirst(String name, float[] ofSteps) {
    GoldenTensor golden = run.golden().tensor("mid." + name);
    if (golden != null) {
      float[] repeated = new float[golden.shape().size(0)];
      Arrays.fill(repeated, ofSteps[0]);
      run.putIntermediate(name, Numbers.tensor(repeated));
    }
  }

  /** References that are kept are placed once, before the picture; else every pass places all. */
  private void comparePlaces(StageRecord stages) {
    List<float[]> text = stages.known("text_ids");
    List<float[]> image = stages.known("image_ids");
    comparePlaces("text_ids", text.subList(0, 1));
    comparePlaces("negative_text_ids", text.subList(text.size() - 1, text.size()));
    comparePlaces("first_call.img_ids", image.subList(0, image.size() - text.size() + 1));
  }

  /** The reference repeats them for every picture of FLUX.2; FLUX.1 has three of our four axes. */
  private void comparePlaces(String name, List<float[]> places) {
    GoldenTensor golden = run.golden().tensor("mid." + name);
    if (golden == null) {
      return;
    }
    Shape s = golden.shape();
    int axes = s.size(s.rank() - 1);
    List<Integer> ids = new ArrayList<>();
    for (float[] each : places) {
      for (int i = 0; i < each.length; i++) {
        if (i % PositionIds.AXES < axes) {
          ids.add((int) each[i]);
        }
      }
    }
    int tokens = ids.size() / axes;
    int copies = s.rank() == 3 ? s.size(0) : 1;
    int[] all = new int[copies * ids.size()];
    Arrays.setAll(all, i -> ids.get(i % ids.size()));
    Shape shape = s.rank() == 3 ? Shape.of(copies, tokens, axes) : Shape.of(tokens, axes);
    run.putIntermediate(name, Numbers.longs(shape, all));
  }

  /** What the reference gives as latents differs: dev and FLUX.1 stop before unpacking. */
  private boolean packsItsLatents() {
    return switch (folder.family()) {
      case FLUX2_DEV, FLUX1_DEV, FLUX1_SCHNELL -> true;
      case FLUX2_KLEIN, FLUX2_KLEIN_BASE, FLUX2_KLEIN_KV -> false;
    };
  }

  private DenoiseRequest request() {
    List<Float> sigmas = new ArrayList<>();
    call.path("sigmas").forEach(sigma -> sigmas.add((float) sigma.doubleValue()));
    ModelFamily.Defaults defaults = folder.defaults();
    JsonNode strength = call.path("strength");
    StepSchedule steps =
        StepSchedule.of(call.path("num_inference_steps").asInt(defaults.numInferenceSteps()))
            .withSigmas(sigmas);
    double guidanceScale = call.path("guidance_scale").asDouble(defaults.guidanceScale());
    NoiseSource noise =
        NoiseSource.of(run.golden().parameters().path("generator_seed").longValue());
    HostTensor latents = run.optionalInput("latents");
    return new DenoiseRequest(
        new PictureSize(side("width"), side("height"), true),
        strength.isNumber() ? steps.withStrength(strength.doubleValue()) : steps,
        Guidance.of(guidanceScale).withTrueCfgScale(call.path("true_cfg_scale").asDouble(1)),
        latents == null ? noise : noise.withLatents(latents),
        pictures(),
        Tiling.AUTOMATIC,
        imagesPerPrompt(),
        false);
  }

  private @Nullable Integer side(String name) {
    JsonNode side = call.path(name);
    return side.isInt() ? Integer.valueOf(side.intValue()) : null;
  }

  /** A list of pictures is looked at; a single one is started from. */
  private InputPictures pictures() {
    List<Picture> references = new ArrayList<>();
    JsonNode image = call.path("image");
    if (image.isArray()) {
      image.forEach(file -> references.add(picture(file.asText())));
    }
    return new InputPictures(
        references,
        image.isTextual() ? picture(image.asText()) : null,
        optionalPicture("mask_image"),
        optionalPicture("image_reference"),
        null);
  }

  private @Nullable Picture optionalPicture(String name) {
    JsonNode file = call.path(name);
    return file.isTextual() ? picture(file.asText()) : null;
  }

  private Picture picture(String file) {
    try {
      byte[] bytes = Files.readAllBytes(run.golden().folder().resolve(file));
      return PictureDecoder.decode(file, bytes, DecodeLimits.DEFAULT);
    } catch (IOException e) {
      throw new GoldenCaseException(run.golden().folder() + ": " + file + ": " + e.getMessage());
    }
  }

  /** As the case gives them, or from its prompts. */
  private PromptEmbeds embeds(boolean classifierFree) {
    TextEmbeds positive = given(PROMPT_EMBEDS);
    TextEmbeds negative = given(NEGATIVE + PROMPT_EMBEDS);
    boolean encodesNegative = classifierFree && negative == null;
    if (positive == null || encodesNegative) {
      try (CaseEncoder encoder = new CaseEncoder(run, folder, call)) {
        positive = positive == null ? encoded(encoder, "") : positive;
        negative = encodesNegative ? encoded(encoder, NEGATIVE) : negative;
      }
    }
    compare("", positive);
    if (negative != null) {
      compare(NEGATIVE, negative);
    }
    return new PromptEmbeds(positive, negative);
  }

  private @Nullable TextEmbeds given(String name) {
    HostTensor embeds = run.optionalInput(name);
    return embeds == null ? null : TextEmbeds.of(embeds);
  }

  /** Of the call's arguments "prompt" and "prompt_2", or those of that prefix. */
  private TextEmbeds encoded(CaseEncoder encoder, String prefix) {
    List<String> first = texts(call.path(prefix + "prompt"));
    JsonNode second = call.path(prefix + "prompt_2");
    CaseEncoder.Embeds embeds =
        encoder.encode(first, second.isNull() || second.isMissingNode() ? first : texts(second));
    return new TextEmbeds(embeds.sequence(), embeds.pooled());
  }

  /** One or several; none is the empty one. */
  private static List<String> texts(JsonNode prompt) {
    List<String> prompts = new ArrayList<>();
    prompt.forEach(each -> prompts.add(each.asText()));
    return prompt.isArray() ? prompts : List.of(prompt.asText());
  }

  private void compare(String prefix, TextEmbeds embeds) {
    compareRows(prefix + PROMPT_EMBEDS, embeds.sequence());
    HostTensor pooled = embeds.pooled();
    if (pooled != null) {
      compareRows(prefix + "pooled_" + PROMPT_EMBEDS, pooled);
    }
  }

  /** The reference keeps the embeds of a prompt once for each of its pictures. */
  private void compareRows(String name, HostTensor embeds) {
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
