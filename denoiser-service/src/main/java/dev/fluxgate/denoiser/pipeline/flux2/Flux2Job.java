package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop.AfterStep;
import dev.fluxgate.denoiser.pipeline.block.GuidedVelocity;
import dev.fluxgate.denoiser.pipeline.block.JobSize;
import dev.fluxgate.denoiser.pipeline.block.PictureDecoding;
import dev.fluxgate.denoiser.reference.PicturePixels;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.ReferencePicture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the pages of the FLUX.2 pipelines are written in. The parts of a job share memory, so they
 * come in this order: pictures are encoded, then {@link #keepReferences}, then {@link
 * #placeTokens}, then the steps, then decoding.
 */
final class Flux2Job {
  /** Position of the first reference on the time axis, and the distance to the next. */
  private static final int REFERENCE_TIME = 10;

  private final Flux2Model model;
  private final JobSize size;
  private final Flux2Memory memory;

  Flux2Job(Flux2Model model, JobSize size, Flux2Memory memory) {
    this.model = model;
    this.size = size;
    this.memory = memory;
  }

  /** Encodes pictures to look at, in order. */
  void refer(List<Picture> pictures) {
    List<HostTensor> latents = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      latents.add(encodeReference(pictures.get(i), size.references().get(i)));
    }
    referTo(latents);
  }

  /** A picture to look at → (1, C, g, k), normalised. */
  HostTensor encodeReference(Picture picture, LatentGrid grid) {
    return encode(ReferencePicture.prepare(picture, model.tokenPixels()), grid);
  }

  /**
   * A picture of {@code grid} → (1, C, g, k), normalised: the mean, no random numbers; or what is
   * kept of it.
   */
  HostTensor encode(RgbImage picture, LatentGrid grid) {
    return model
        .latents()
        .of(
            PicturePixels.of(picture),
            memory.tiling().ofPicture(picture.height(), picture.width()),
            pixels -> model.codec().encode(pixels, memory.encoding(grid)));
  }

  /** Stores the latents of all references, each (1, C, g, k), in order. */
  void referTo(List<HostTensor> latents) {
    int at = 0;
    for (HostTensor each : latents) {
      HostTensor packed = LatentPacker.pack(each);
      int tokens = packed.shape().size(1);
      model.backend().upload(packed, memory.references().rows(at, tokens));
      at += tokens;
    }
  }

  /** Computes what the references are to every later step; nothing if they pass through each. */
  void keepReferences() {
    Flux2Memory.KeptReferences kept = memory.kept();
    if (kept == null) {
      return;
    }
    var transformer = model.transformer();
    PositionIds ids = referenceIds();
    model.probe().observe("kept_references", memory.references());
    model.probe().observe("image_ids", ids.toFloats());
    transformer.modulate(new float[1], null, kept.modulations());
    transformer.place(PositionIds.text(0), ids, kept.activations());
    transformer.remember(
        memory.references(), kept.modulations().at(0), kept.activations(), kept.keys());
  }

  /** Stores the prompts, and where all tokens stand. */
  void placeTokens(PromptEmbeds embeds) {
    place(memory.passes().getFirst(), embeds.positive());
    TextEmbeds negative = embeds.negative();
    if (size.prompts().steersAway() && negative != null) {
      place(memory.passes().getLast(), negative);
    }
  }

  private void place(Flux2Pass pass, TextEmbeds embeds) {
    pass.prompts().upload(model, embeds.sequence());
    PositionIds text = PositionIds.text(pass.prompts().tokens());
    PositionIds made = PositionIds.image(size.grid(), 0);
    PositionIds image = memory.kept() == null ? made.then(referenceIds()) : made;
    model.probe().observe("text_ids", text.toFloats());
    model.probe().observe("image_ids", image.toFloats());
    model.transformer().place(text, image, pass.activations());
  }

  private PositionIds referenceIds() {
    PositionIds ids = PositionIds.of();
    for (int i = 0; i < size.references().size(); i++) {
      ids = ids.then(PositionIds.image(size.references().get(i), REFERENCE_TIME * (i + 1)));
    }
    return ids;
  }

  /**
   * What the transformer needs of time and guidance, for all steps at once.
   *
   * @param guidanceScale without effect on a transformer that embeds none
   */
  void modulate(SigmaSchedule schedule, double guidanceScale) {
    float[] times = new float[schedule.steps()];
    for (int step = 0; step < times.length; step++) {
      times[step] = schedule.timeValue(step, model.dtype());
    }
    float[] guidance = new float[schedule.steps()];
    Arrays.fill(guidance, (float) guidanceScale);
    model.probe().observe("times", times);
    model.probe().observe("guidance", guidance);
    boolean embeds = model.transformer().params().guidanceEmbeds();
    model.transformer().modulate(times, embeds ? guidance : null, memory.modulations());
  }

  /** Stores (N, C, g, k), what the first step starts from. */
  void startFrom(HostTensor latents) {
    model.backend().upload(LatentPacker.pack(latents), memory.latents());
    model.probe().observe("initial_latents", memory.latents());
  }

  /** Runs the steps, then decodes. */
  GeneratedImages denoise(
      SigmaSchedule schedule, double trueScale, AfterStep afterStep, DenoiseListener listener) {
    GuidedVelocity velocity = new GuidedVelocity(model, memory.passes(), trueScale);
    DenoisingLoop loop = new DenoisingLoop(model, schedule, listener);
    Tensor latents = memory.latents();
    loop.run(latents, size.images(), velocity, afterStep, memory.previewing());
    return new PictureDecoding(model, loop).decode(latents, size.grid(), memory.decoding());
  }
}
