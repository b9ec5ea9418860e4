package dev.fluxgate.denoiser.model;

import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Params;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Transformer;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Weights;

/** A model of the FLUX.1 family: dev, schnell. */
public final class Flux1Model extends DenoiserModel {
  private final Flux1Transformer transformer;

  Flux1Model(ModelParts parts) {
    super(parts);
    Flux1Params params = Flux1Params.of(parts.transformerConfig());
    parts.checkThatTheyFit(params.inChannels(), params.outChannels());
    Flux1Weights weights =
        Flux1Weights.load(
            params, BflTransformer.adapt(parts.files().transformer()), parts.files().store());
    transformer = new Flux1Transformer(parts.backend(), params, weights, parts.probe());
  }

  /** Noisy latents → velocity. */
  public Flux1Transformer transformer() {
    return transformer;
  }

  @Override
  public int promptWidth() {
    return transformer.params().promptWidth();
  }

  @Override
  public int pooledWidth() {
    return transformer.params().pooledWidth();
  }
}
