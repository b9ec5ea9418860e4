package dev.fluxgate.denoiser.vae;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Latents → pixels (flux2 spec §4.4). */
public final class VaeDecoder {
  private final Backend backend;
  private final VaeWeights weights;
  private final StageProbe probe;
  private final MidBlock middle;
  private final List<List<ResnetBlock>> levels;
  private final OutputNorm normOut;

  /** The decoder over loaded weights; {@code probe} sees its stages. */
  public VaeDecoder(Backend backend, VaeWeights weights, StageProbe probe) {
    this.backend = backend;
    this.weights = weights;
    this.probe = probe;
    middle = new MidBlock(backend, weights, probe);
    levels =
        weights.levels().stream()
            .map(level -> level.resnets().stream().map(r -> new ResnetBlock(backend, r)).toList())
            .toList();
    normOut = new OutputNorm(backend, weights.normOut(), probe);
  }

  /**
   * Decodes any number of latents, as many at a time as {@code activations} was laid out for: one
   * takes the least memory, and the results are the same.
   *
   * @param latents (N, Z, h, w), in the type of the weights, N a multiple of that batch
   * @return (N, H, W, 3), nominally in [−1, 1], not clamped
   */
  public HostTensor decode(HostTensor latents, VaeActivations activations) {
    int batch = activations.batch();
    Shape one = activations.output().shape();
    long count = latents.shape().dim(0);
    HostTensor pixels =
        HostTensor.zeros(latents.dtype(), Shape.of(count, one.dim(1), one.dim(2), one.dim(3)));
    for (long from = 0; from < count; from += batch) {
      backend.upload(LatentPacker.channelsLast(latents.slice(from, batch)), activations.input());
      forward(activations);
      HostTensor some = backend.download(activations.output());
      pixels.slice(from, batch).data().copyFrom(some.data());
    }
    return pixels;
  }

  private void forward(VaeActivations activations) {
    FeatureMaps maps = activations.maps();
    Tensor z = activations.input();
    if (weights.quantConv() != null) {
      z = maps.operand(z.shape());
      backend.convolve(
          activations.input(), weights.quantConv(), ResnetBlock.POINT, Epilogue.NONE, z);
    }
    Tensor x = maps.stream(FeatureMaps.withChannels(z, weights.convIn().outChannels()));
    backend.convolve(z, weights.convIn(), ResnetBlock.SAME, Epilogue.NONE, x);
    probe.observe("conv_in", x);
    x = middle.forward(x, maps);
    for (int level = 0; level < levels.size(); level++) {
      for (ResnetBlock block : levels.get(level)) {
        x = block.forward(x, maps);
      }
      x = enlarge(weights.levels().get(level), x, maps);
      probe.observe("up." + level, x);
    }
    Tensor normed = normOut.forward(x, maps);
    backend.convolve(
        normed, weights.convOut(), ResnetBlock.SAME, Epilogue.NONE, activations.output());
  }

  private Tensor enlarge(VaeWeights.Level level, Tensor x, FeatureMaps maps) {
    if (level.resample() == null) {
      return x;
    }
    Shape s = x.shape();
    Shape doubled = Shape.of(s.dim(0), 2 * s.dim(1), 2 * s.dim(2), s.dim(3));
    Tensor large = maps.hidden(doubled);
    backend.upsampleNearest(x, large);
    Tensor out = maps.stream(doubled);
    backend.convolve(large, level.resample(), ResnetBlock.SAME, Epilogue.NONE, out);
    return out;
  }
}
