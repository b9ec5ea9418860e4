package dev.fluxgate.denoiser.model;

import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;

/** A model of the FLUX.2 family: dev, klein, klein-base, klein-KV. */
public final class Flux2Model extends DenoiserModel {
  private final Flux2Transformer transformer;

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

  @Override
  public int promptWidth() {
    return transformer.params().promptWidth();
  }
}
