package dev.fluxgate.denoiser.model;

import dev.fluxgate.denoiser.reference.LatentCache;
import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;

/** A model of the FLUX.2 family: dev, klein, klein-base, klein-KV. */
public final class Flux2Model extends DenoiserModel {
  /** 64 references of 1024 x 1024 pixels in bfloat16. */
  private static final long CACHED_LATENT_BYTES = 64 << 20;

  private final Flux2Transformer transformer;
  private final LatentCache latents = new LatentCache(CACHED_LATENT_BYTES);

  Flux2Model(ModelParts parts) {
    super(parts);
    Flux2Params params = Flux2Params.of(parts.transformerConfig());
    parts.checkThatTheyFit(params.inChannels(), params.outChannels());
    Flux2Weights weights =
        Flux2Weights.load(
            params, BflTransformer.adapt(parts.files().transformer()), parts.files().store());
    transformer = new Flux2Transformer(parts.backend(), params, weights, parts.probe());
  }

  /** Noisy latents → velocity. */
  public Flux2Transformer transformer() {
    return transformer;
  }

  /** Latents of the pictures that it has looked at, from job to job. */
  public LatentCache latents() {
    return latents;
  }

  @Override
  public int promptWidth() {
    return transformer.params().promptWidth();
  }
}
