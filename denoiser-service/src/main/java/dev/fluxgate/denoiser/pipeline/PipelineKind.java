package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.engine.checkpoint.ModelFamily;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pipelines, each under the name of its class in diffusers. */
public enum PipelineKind {
  /** Text and references → picture. */
  FLUX2("Flux2Pipeline"),
  /** The same on klein and klein-base. */
  FLUX2_KLEIN("Flux2KleinPipeline"),
  /** The same; keys and values of the references are computed once a job. */
  FLUX2_KLEIN_KV("Flux2KleinKVPipeline"),
  /** Paints over part of a picture. */
  FLUX2_KLEIN_INPAINT("Flux2KleinInpaintPipeline"),
  /** Text → picture. */
  FLUX("FluxPipeline"),
  /** Starts from a picture. */
  FLUX_IMG2IMG("FluxImg2ImgPipeline"),
  /** Paints over part of a picture. */
  FLUX_INPAINT("FluxInpaintPipeline");

  /** Kinds of pictures that go in. */
  public enum Input {
    /** To look at while drawing. */
    REFERENCES("references"),
    /** To start from. */
    IMAGE("image"),
    /** What of the image is drawn anew. */
    MASK("mask_image"),
    /** To look at while painting over. */
    IMAGE_REFERENCE("image_reference"),
    /** No picture, but only sensible beside a mask: how much of it is looked at. */
    MASK_CROP("padding_mask_crop");

    private final String field;

    Input(String field) {
      this.field = field;
    }

    /** As it stands in messages. */
    public String field() {
      return field;
    }
  }

  private final String className;

  PipelineKind(String className) {
    this.className = className;
  }

  /** Name of its class in diffusers. */
  public String className() {
    return className;
  }

  /** Whether it can do with exactly these. */
  boolean takes(Set<Input> given) {
    return given.containsAll(required())
        && given.stream().allMatch(each -> required().contains(each) || optional().contains(each));
  }

  /** What it cannot do without. */
  private Set<Input> required() {
    return switch (this) {
      case FLUX2, FLUX2_KLEIN, FLUX2_KLEIN_KV, FLUX -> Set.of();
      case FLUX_IMG2IMG -> Set.of(Input.IMAGE);
      case FLUX2_KLEIN_INPAINT, FLUX_INPAINT -> Set.of(Input.IMAGE, Input.MASK);
    };
  }

  /** What else it takes. */
  private Set<Input> optional() {
    return switch (this) {
      case FLUX2, FLUX2_KLEIN, FLUX2_KLEIN_KV -> Set.of(Input.REFERENCES);
      case FLUX2_KLEIN_INPAINT -> Set.of(Input.IMAGE_REFERENCE, Input.MASK_CROP);
      case FLUX_INPAINT -> Set.of(Input.MASK_CROP);
      case FLUX, FLUX_IMG2IMG -> Set.of();
    };
  }

  /** For messages: its name and what it takes. */
  String description() {
    StringBuilder text = new StringBuilder(className);
    if (!required().isEmpty()) {
      text.append(" with ").append(fields(required()));
    }
    if (!optional().isEmpty()) {
      text.append(required().isEmpty() ? " with" : ",");
      text.append(" perhaps ").append(fields(optional()));
    }
    return text.toString();
  }

  private static String fields(Set<Input> inputs) {
    return inputs.stream().sorted().map(Input::field).collect(Collectors.joining(" and "));
  }

  /** Strength where a request gives none; null where there is none to give. */
  public @Nullable Double defaultStrength() {
    return switch (this) {
      case FLUX2_KLEIN_INPAINT -> 0.8;
      case FLUX_IMG2IMG, FLUX_INPAINT -> 0.6;
      case FLUX2, FLUX2_KLEIN, FLUX2_KLEIN_KV, FLUX -> null;
    };
  }

  /** Whether models of {@code family} can run it. */
  public boolean runsOn(ModelFamily family) {
    return switch (this) {
      case FLUX2 -> family == ModelFamily.FLUX2_DEV;
      case FLUX2_KLEIN, FLUX2_KLEIN_INPAINT ->
          family == ModelFamily.FLUX2_KLEIN || family == ModelFamily.FLUX2_KLEIN_BASE;
      case FLUX2_KLEIN_KV ->
          family == ModelFamily.FLUX2_KLEIN_KV || family == ModelFamily.FLUX2_KLEIN;
      case FLUX, FLUX_IMG2IMG, FLUX_INPAINT ->
          family == ModelFamily.FLUX1_DEV || family == ModelFamily.FLUX1_SCHNELL;
    };
  }

  /** All that models of {@code family} can run. */
  public static List<PipelineKind> of(ModelFamily family) {
    return Arrays.stream(values()).filter(kind -> kind.runsOn(family)).toList();
  }
}
