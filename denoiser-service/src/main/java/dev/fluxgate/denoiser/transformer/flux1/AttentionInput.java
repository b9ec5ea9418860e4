package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.HeadNorm;

/** Residual stream → modulated norm → queries, keys and values, the first two normed and turned. */
final class AttentionInput {
  private final Backend backend;
  private final int heads;

  AttentionInput(Backend backend, int heads) {
    this.backend = backend;
    this.heads = heads;
  }

  void forward(Flux1Weights.Heads weights, Modulation modulation, TokenRows rows) {
    backend.modulatedLayerNorm(
        rows.stream(), modulation.shift(), modulation.scale(), Flux1Params.EPS, rows.normed());
    backend.linear(rows.normed(), weights.q(), Epilogue.NONE, rows.q());
    backend.linear(rows.normed(), weights.k(), Epilogue.NONE, rows.k());
    backend.linear(rows.normed(), weights.v(), Epilogue.NONE, rows.v());
    HeadNorm.Order order = HeadNorm.Order.WEIGH_THEN_ROUND;
    HeadNorm normQ = new HeadNorm(weights.normQ(), Flux1Params.EPS, order);
    HeadNorm normK = new HeadNorm(weights.normK(), Flux1Params.EPS, order);
    backend.rotate(rows.q(), heads, normQ, rows.rope(), rows.q());
    backend.rotate(rows.k(), heads, normK, rows.rope(), rows.k());
  }
}
