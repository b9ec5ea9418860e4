package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.wish.Noise;
import dev.fluxgate.gateway.wish.Output;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.TensorHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks pictures, noise and output that a request asks for. */
final class WishLimits {
  /** Most reference pictures, whatever the model takes. */
  static final int MAX_REFERENCES = 10;

  private static final int MAX_SIGMAS = 1000;
  private static final int MAX_CROP = 1 << 14;
  private static final int LEAST_TILE = 16;
  private static final int MOST_TILE = 1 << 13;

  private final DrawingModel model;
  private final InputStore inputs;
  private final Violations violations;

  WishLimits(DrawingModel model, InputStore inputs, Violations violations) {
    this.model = model;
    this.inputs = inputs;
    this.violations = violations;
  }

  /** Checks what is asked of {@code numImages} pictures. */
  void check(Wish wish, int numImages) {
    List<String> pipelines = model.abilities().pipelines();
    violations.require(
        wish.pipeline().isEmpty() || pipelines.contains(wish.pipeline()),
        "pipeline",
        wish.pipeline(),
        pipelines.isEmpty() ? "none" : "one of " + String.join(", ", pipelines));
    checkPictures(wish.sources());
    checkThatThereIsAPipeline(wish.sources());
    checkNoise(wish.noise(), numImages);
    latents(wish.sources().latents());
    checkOutput(wish.output());
  }

  private void checkPictures(Sources sources) {
    List<InputRef> images = sources.images();
    int most = Math.min(MAX_REFERENCES, model.abilities().maxReferences());
    violations.require(
        images.size() <= most, "images", images.size() + " pictures", "at most " + most);
    for (int i = 0; i < Math.min(images.size(), MAX_REFERENCES); i++) {
      picture("images[" + i + "]", images.get(i));
    }
    picture("mask_image", sources.mask());
    picture("image_reference", sources.reference());
    violations.require(
        sources.mask() == null || !images.isEmpty(),
        "mask_image",
        "without a picture",
        "images, of which the mask tells what to paint anew");
    violations.require(
        sources.reference() == null || sources.mask() != null,
        "image_reference",
        "without a mask",
        "mask_image, into which the reference is painted");
    violations.require(
        !sources.maskByOpacity() || sources.mask() != null,
        "mask_by_opacity",
        true,
        "false without a mask_image");
    Integer crop = sources.paddingMaskCrop();
    if (crop != null) {
      violations.within("padding_mask_crop", crop, 0, MAX_CROP);
      violations.require(
          sources.mask() != null, "padding_mask_crop", crop, "none without a mask_image");
    }
    Float strength = sources.strength();
    if (strength != null) {
      violations.require(strength > 0 && strength <= 1, "strength", strength, "above 0, at most 1");
      violations.require(
          !images.isEmpty(), "strength", strength, "none without images to start from");
    }
  }

  /** What no pipeline of the model can do is told before anything is encoded. */
  private void checkThatThereIsAPipeline(Sources sources) {
    if (sources.mask() != null) {
      onePipeline("mask_image", "given", "Inpaint");
    } else if (sources.strength() != null) {
      onePipeline("strength", sources.strength(), "Img2Img");
    }
  }

  private void onePipeline(String field, Object value, String kind) {
    List<String> pipelines = model.abilities().pipelines();
    violations.require(
        pipelines.isEmpty() || pipelines.stream().anyMatch(name -> name.contains(kind)),
        field,
        value,
        "none, since " + model.name() + " has " + String.join(", ", pipelines));
  }

  private void checkNoise(Noise noise, int numImages) {
    violations.require(
        noise.seeds().isEmpty() || noise.seeds().size() == numImages,
        "seeds",
        noise.seeds().size() + " seeds",
        numImages + ", as many as num_images, or none");
    List<Float> sigmas = noise.sigmas();
    violations.require(
        sigmas.size() <= MAX_SIGMAS, "sigmas", sigmas.size() + " levels", "at most " + MAX_SIGMAS);
    float above = Math.nextUp(1f);
    for (float sigma : sigmas) {
      // A number that is none fails both comparisons.
      if (!(sigma > 0 && sigma < above)) {
        violations.add("sigmas", sigma, "descending within (0, 1]");
        return;
      }
      above = sigma;
    }
  }

  private void checkOutput(Output output) {
    Integer tile = output.tileSize();
    if (tile != null) {
      violations.within("tile_size", tile, LEAST_TILE, MOST_TILE);
    }
    Float overlap = output.tileOverlap();
    if (overlap != null) {
      violations.require(
          overlap >= 0 && overlap < 1, "tile_overlap", overlap, "at least 0, below 1");
    }
  }

  private void picture(String field, @Nullable InputRef ref) {
    var _ = stored(field, ref, Input.Picture.class);
  }

  private void latents(@Nullable InputRef ref) {
    if (stored("latents", ref, Input.Tensor.class) instanceof Input.Tensor(TensorHeader header)) {
      violations.require(
          header.getDtype() != DType.D_TYPE_U8, "latents", header.getDtype(), "F32, BF16 or F16");
    }
  }

  private Input.@Nullable Spec stored(
      String field, @Nullable InputRef ref, Class<? extends Input.Spec> kind) {
    if (ref == null) {
      return null;
    }
    Input.Spec found = inputs.describe(ref).map(Input::spec).orElse(null);
    if (found == null) {
      violations.add(field, ref, "an input that is in store; upload it again");
    } else if (!kind.isInstance(found)) {
      violations.add(field, found.kind(), kind == Input.Picture.class ? "a picture" : "a tensor");
    }
    return found;
  }
}
