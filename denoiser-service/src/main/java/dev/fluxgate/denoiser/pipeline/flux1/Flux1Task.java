package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.JobSize;
import dev.fluxgate.denoiser.pipeline.block.PromptCounts;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.schedule.LinearMu;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request as a model of the FLUX.1 family will carry it out.
 *
 * @param kind of the pipeline
 * @param size what else decides its memory
 * @param schedule its noise levels
 */
record Flux1Task(PipelineKind kind, JobSize size, SigmaSchedule schedule) {

  /**
   * What {@code kind} makes of a request.
   *
   * @throws IllegalArgumentException if the model cannot do it; the message says what it can
   */
  static Flux1Task of(
      Flux1Model model, PipelineKind kind, DenoiseRequest request, PromptShapes prompts) {
    boolean steersAway = request.guidance().trueCfgScale() > 1;
    checkNegative(prompts.negative(), steersAway, request);
    PromptCounts counts =
        PromptCounts.of(prompts, request.numImages(), model.promptWidth(), steersAway);
    checkTokens(model.family(), "prompt embeds", counts.tokens());
    checkTokens(model.family(), "negative prompt embeds", counts.negativeTokens());
    LatentGrid grid = grid(model, request.size());
    SigmaSchedule schedule = schedule(model, kind, request.schedule(), grid);
    JobSize size = new JobSize(grid, counts, schedule.steps(), List.of(), request.previews());
    return new Flux1Task(kind, size, schedule);
  }

  private static void checkNegative(
      @Nullable Shape negative, boolean steersAway, DenoiseRequest request) {
    if (negative != null && !steersAway) {
      throw new IllegalArgumentException(
          "true_cfg_scale: %s with a negative prompt (expected: above 1)"
              .formatted(request.guidance().trueCfgScale()));
    }
  }

  private static void checkTokens(ModelFamily family, String name, int tokens) {
    if (tokens > family.maxPromptTokens()) {
      throw new IllegalArgumentException(
          "%s: %d tokens (expected: at most %d for %s)"
              .formatted(name, tokens, family.maxPromptTokens(), family.id()));
    }
  }

  private static LatentGrid grid(Flux1Model model, PictureSize asked) {
    ModelFamily.Defaults defaults = model.defaults();
    PictureSize size = asked.orElse(defaults.width(), defaults.height());
    int width = Objects.requireNonNull(size.width());
    int height = Objects.requireNonNull(size.height());
    int token = model.tokenPixels();
    return size.rounded()
        ? LatentGrid.floored(width, height, token)
        : LatentGrid.of(width, height, token);
  }

  /** A start from a picture leaves out the first steps. */
  private static SigmaSchedule schedule(
      Flux1Model model, PipelineKind kind, StepSchedule steps, LatentGrid grid) {
    double mu = LinearMu.of(model.scheduler().config(), grid.tokens());
    SigmaSchedule all =
        steps.sigmas().isEmpty()
            ? model.scheduler().schedule(steps.numInferenceSteps(), mu)
            : model.scheduler().schedule(floats(steps.sigmas()), mu);
    Double byDefault = kind.defaultStrength();
    if (byDefault == null) {
      return all;
    }
    Double strength = steps.strength();
    return all.truncate(strength == null ? byDefault : strength);
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  /** Width of the pictures in pixels. */
  int width(Flux1Model model) {
    return size.grid().columns() * model.tokenPixels();
  }

  /** Height of the pictures in pixels. */
  int height(Flux1Model model) {
    return size.grid().rows() * model.tokenPixels();
  }

  /** (N, Z, h, w): noise has the shape of the VAE's latents (models spec §2.5). */
  Shape noiseShape(Flux1Model model) {
    int patch = LatentPacker.PATCH;
    return Shape.of(
        size.images(),
        model.codec().latentChannels(),
        (long) size.grid().rows() * patch,
        (long) size.grid().columns() * patch);
  }

  /** (N, S, C). */
  Shape packedShape(Flux1Model model) {
    return Shape.of(size.images(), size.grid().tokens(), model.codec().channels());
  }
}
