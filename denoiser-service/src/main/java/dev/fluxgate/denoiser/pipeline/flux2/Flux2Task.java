package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.JobSize;
import dev.fluxgate.denoiser.pipeline.block.PromptCounts;
import dev.fluxgate.denoiser.reference.ReferenceGrid;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.schedule.EmpiricalMu;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.prepare.ReferencePicture;
import java.util.List;

/**
 * A request as a model of the FLUX.2 family will carry it out.
 *
 * @param kind of the pipeline
 * @param size what else decides its memory
 * @param schedule its noise levels
 */
record Flux2Task(PipelineKind kind, JobSize size, SigmaSchedule schedule) {

  /** Of a request that starts from noise and may look at references. */
  static Flux2Task of(
      Flux2Model model,
      PipelineKind kind,
      DenoiseRequest request,
      PromptShapes prompts,
      boolean steersAway) {
    List<Picture> pictures = request.pictures().references();
    for (int i = 0; i < pictures.size(); i++) {
      Picture picture = pictures.get(i);
      ReferencePicture.check("images[" + i + "]", picture.width(), picture.height());
    }
    List<LatentGrid> references =
        pictures.stream().map(picture -> ReferenceGrid.of(picture, model.tokenPixels())).toList();
    LatentGrid grid = grid(model, request, references);
    return of(model, kind, request, prompts, steersAway, grid, references);
  }

  /** Of a request for pictures of {@code grid}. */
  static Flux2Task of(
      Flux2Model model,
      PipelineKind kind,
      DenoiseRequest request,
      PromptShapes prompts,
      boolean steersAway,
      LatentGrid grid,
      List<LatentGrid> references) {
    PromptCounts counts =
        PromptCounts.of(prompts, request.numImages(), model.promptWidth(), steersAway);
    SigmaSchedule schedule = schedule(model, kind, request.schedule(), grid);
    JobSize size = new JobSize(grid, counts, schedule.steps(), references, request.previews());
    return new Flux2Task(kind, size, schedule);
  }

  /** As asked for; a side that is not, as the first reference; without one, as the model has it. */
  private static LatentGrid grid(
      Flux2Model model, DenoiseRequest request, List<LatentGrid> references) {
    int token = model.tokenPixels();
    ModelFamily.Defaults defaults = model.defaults();
    Integer width = request.size().width();
    Integer height = request.size().height();
    boolean free = references.isEmpty();
    int wide = free ? defaults.width() : references.getFirst().columns() * token;
    int high = free ? defaults.height() : references.getFirst().rows() * token;
    int w = width == null ? wide : width;
    int h = height == null ? high : height;
    return request.size().rounded() ? LatentGrid.floored(w, h, token) : LatentGrid.of(w, h, token);
  }

  /** mu follows the steps asked for and the picture that is made, whatever is run and looked at. */
  private static SigmaSchedule schedule(
      Flux2Model model, PipelineKind kind, StepSchedule steps, LatentGrid grid) {
    double mu = EmpiricalMu.of(grid.tokens(), steps.numInferenceSteps());
    SigmaSchedule all =
        steps.sigmas().isEmpty()
            ? model.scheduler().schedule(steps.numInferenceSteps(), mu)
            : model.scheduler().schedule(floats(steps.sigmas()), mu);
    Double strength = steps.strength() == null ? kind.defaultStrength() : steps.strength();
    return strength == null ? all : all.truncate(strength);
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  /** (N, C, rows, columns): noise has the shape of the token grid (models spec §2.1). */
  Shape noiseShape(Flux2Model model) {
    LatentGrid grid = size.grid();
    int channels = model.transformer().params().inChannels();
    return Shape.of(size.images(), channels, grid.rows(), grid.columns());
  }
}
