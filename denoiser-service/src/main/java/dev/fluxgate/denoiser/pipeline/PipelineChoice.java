package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.PipelineKind.Input;
import dev.fluxgate.denoiser.pipeline.flux1.FluxImg2ImgPipeline;
import dev.fluxgate.denoiser.pipeline.flux1.FluxInpaintPipeline;
import dev.fluxgate.denoiser.pipeline.flux1.FluxPipeline;
import dev.fluxgate.denoiser.pipeline.flux2.Flux2KleinInpaintPipeline;
import dev.fluxgate.denoiser.pipeline.flux2.Flux2KleinKvPipeline;
import dev.fluxgate.denoiser.pipeline.flux2.Flux2KleinPipeline;
import dev.fluxgate.denoiser.pipeline.flux2.Flux2Pipeline;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which pipeline carries out a request: the model says which there are, the pictures that the
 * request brings say which of them; or it names one.
 */
public final class PipelineChoice {
  private static final long UNLIMITED = Long.MAX_VALUE;

  private PipelineChoice() {}

  /**
   * The pipeline for a request.
   *
   * @param className of diffusers, or null to go by the pictures alone
   * @throws IllegalArgumentException if there is none; the message says what there is
   */
  public static Pipeline of(
      DenoiserModel model, @Nullable String className, DenoiseRequest request) {
    return of(model, className, request, UNLIMITED);
  }

  /**
   * As {@link #of(DenoiserModel, String, DenoiseRequest)}, in bounded memory.
   *
   * @param memoryLimit bytes of activations that a job may take; beyond them the VAE works in tiles
   */
  public static Pipeline of(
      DenoiserModel model, @Nullable String className, DenoiseRequest request, long memoryLimit) {
    return open(model, kind(model.family(), className, request), memoryLimit);
  }

  /**
   * A pipeline of a model that can run it.
   *
   * @param memoryLimit bytes of activations that a job may take; beyond them the VAE works in tiles
   */
  public static Pipeline open(DenoiserModel model, PipelineKind kind, long memoryLimit) {
    if (!kind.runsOn(model.family())) {
      throw new IllegalArgumentException(
          "pipeline: %s (expected: %s)".formatted(kind.className(), possible(model.family())));
    }
    return switch (model) {
      case Flux1Model flux1 -> flux1(flux1, kind, memoryLimit);
      case Flux2Model flux2 -> flux2(flux2, kind, memoryLimit);
    };
  }

  private static Pipeline flux1(Flux1Model model, PipelineKind kind, long memoryLimit) {
    return switch (kind) {
      case FLUX -> new FluxPipeline(model, memoryLimit);
      case FLUX_IMG2IMG -> new FluxImg2ImgPipeline(model, memoryLimit);
      case FLUX_INPAINT -> new FluxInpaintPipeline(model, memoryLimit);
      default -> throw new IllegalStateException("pipeline: " + kind + " (expected: of FLUX.1)");
    };
  }

  private static Pipeline flux2(Flux2Model model, PipelineKind kind, long memoryLimit) {
    return switch (kind) {
      case FLUX2 -> new Flux2Pipeline(model, memoryLimit);
      case FLUX2_KLEIN -> new Flux2KleinPipeline(model, memoryLimit);
      case FLUX2_KLEIN_KV -> new Flux2KleinKvPipeline(model, memoryLimit);
      case FLUX2_KLEIN_INPAINT -> new Flux2KleinInpaintPipeline(model, memoryLimit);
      default -> throw new IllegalStateException("pipeline: " + kind + " (expected: of FLUX.2)");
    };
  }

  /**
   * As {@link #of}, before the model is loaded.
   *
   * @throws IllegalArgumentException if there is none; the message says what there is
   */
  public static PipelineKind kind(
      ModelFamily family, @Nullable String className, DenoiseRequest request) {
    Set<Input> given = given(request.pictures());
    PipelineKind kind = className == null ? byPictures(family, given) : named(family, className);
    if (!kind.takes(given)) {
      throw new IllegalArgumentException(
          "%s: %s with %s (expected: %s)"
              .formatted(
                  given.isEmpty() ? "pictures" : fields(given),
                  given.isEmpty() ? "none" : "given",
                  kind.className(),
                  kind.description()));
    }
    if (request.schedule().strength() != null && kind.defaultStrength() == null) {
      throw new IllegalArgumentException(
          "strength: %s (expected: none with %s, which starts from noise alone)"
              .formatted(request.schedule().strength(), kind.className()));
    }
    return kind;
  }

  private static PipelineKind byPictures(ModelFamily family, Set<Input> given) {
    return PipelineKind.of(family).stream()
        .filter(kind -> kind.takes(given))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s: given, for which %s has no pipeline (expected: %s)"
                    .formatted(fields(given), family.id(), possible(family))));
  }

  private static PipelineKind named(ModelFamily family, String className) {
    return PipelineKind.of(family).stream()
        .filter(kind -> kind.className().equals(className))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "pipeline: %s with %s (expected: %s)"
                    .formatted(
                        known(className) ? className : "an unknown class",
                        family.id(),
                        possible(family))));
  }

  /** Nothing that is not one of our own names is repeated. */
  private static boolean known(String className) {
    return Arrays.stream(PipelineKind.values())
        .anyMatch(kind -> kind.className().equals(className));
  }

  private static String possible(ModelFamily family) {
    List<PipelineKind> kinds = PipelineKind.of(family);
    return kinds.stream().map(PipelineKind::description).collect(Collectors.joining("; "));
  }

  private static Set<Input> given(InputPictures pictures) {
    Set<Input> given = EnumSet.noneOf(Input.class);
    addIf(!pictures.references().isEmpty(), Input.REFERENCES, given);
    addIf(pictures.image() != null, Input.IMAGE, given);
    addIf(pictures.maskImage() != null, Input.MASK, given);
    addIf(pictures.imageReference() != null, Input.IMAGE_REFERENCE, given);
    addIf(pictures.paddingMaskCrop() != null, Input.MASK_CROP, given);
    return given;
  }

  private static void addIf(boolean isGiven, Input input, Set<Input> given) {
    if (isGiven) {
      given.add(input);
    }
  }

  private static String fields(Set<Input> given) {
    return given.stream().map(Input::field).collect(Collectors.joining(", "));
  }
}
