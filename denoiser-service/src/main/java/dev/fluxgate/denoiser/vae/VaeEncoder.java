package dev.fluxgate.denoiser.vae;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Pixels → mean and log-variance of the latents (flux2 spec §4.3). */
public final class VaeEncoder {
  /** Halves a side: one row of zeros below, none above. */
  private static final ConvolutionGeometry HALVE = new ConvolutionGeometry(2, 0, 1);

  private final Backend backend;
  private final VaeWeights weights;
  private final StageProbe probe;
  private final MidBlock middle;
  private final List<List<ResnetBlock>> levels;
  private final OutputNorm normOut;

  /** The encoder over loaded weights; {@code probe} sees its stages. */
  public VaeEncoder(Backend backend, VaeWeights weights, StageProbe probe) {
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
   * Encodes any number of pictures, as many at a time as {@code activations} was laid out for.
   *
   * @param pixels (N, 3, H, W) in [−1, 1], in the type of the weights, N a multiple of that batch
   */
  public Posterior encode(HostTensor pixels, VaeActivations activations) {
    return Posterior.of(moments(pixels, activations));
  }

  /**
   * As {@link #encode}, before means and log-variances are told apart.
   *
   * @return (N, h, w, 2·Z)
   */
  public HostTensor moments(HostTensor pixels, VaeActivations activations) {
    int batch = activations.batch();
    Shape one = activations.output().shape();
    long count = pixels.shape().dim(0);
    HostTensor moments =
        HostTensor.zeros(pixels.dtype(), Shape.of(count, one.dim(1), one.dim(2), one.dim(3)));
    for (long from = 0; from < count; from += batch) {
      backend.upload(LatentPacker.channelsLast(pixels.slice(from, batch)), activations.input());
      forward(activations);
      HostTensor some = backend.download(activations.output());
      moments.slice(from, batch).data().copyFrom(some.data());
    }
    return moments;
  }

  private void forward(VaeActivations activations) {
    FeatureMaps maps = activations.maps();
    Tensor picture = activations.input();
    Tensor x = maps.stream(FeatureMaps.withChannels(picture, weights.convIn().outChannels()));
    backend.convolve(picture, weights.convIn(), ResnetBlock.SAME, Epilogue.NONE, x);
    probe.observe("conv_in", x);
    for (int level = 0; level < levels.size(); level++) {
      for (ResnetBlock block : levels.get(level)) {
        x = block.forward(x, maps);
      }
      x = halve(weights.levels().get(level), x, maps);
      probe.observe("down." + level, x);
    }
    x = middle.forward(x, maps);
    Tensor normed = normOut.forward(x, maps);
    Tensor moments = activations.output();
    if (weights.quantConv() != null) {
      moments = maps.hidden(activations.output().shape());
    }
    backend.convolve(normed, weights.convOut(), ResnetBlock.SAME, Epilogue.NONE, moments);
    probe.observe("conv_out", moments);
    if (weights.quantConv() != null) {
      backend.convolve(
          moments, weights.quantConv(), ResnetBlock.POINT, Epilogue.NONE, activations.output());
    }
  }

  private Tensor halve(VaeWeights.Level level, Tensor x, FeatureMaps maps) {
    if (level.resample() == null) {
      return x;
    }
    Shape s = x.shape();
    Tensor copied = maps.operand(s);
    backend.copy(x, copied);
    Tensor out = maps.stream(Shape.of(s.dim(0), s.dim(1) / 2, s.dim(2) / 2, s.dim(3)));
    backend.convolve(copied, level.resample(), HALVE, Epilogue.NONE, out);
    return out;
  }
}
