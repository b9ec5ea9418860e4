package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** x → shortcut(x) + conv(silu(norm(conv(silu(norm(x)))))) (flux2 spec §4.2). */
final class ResnetBlock {
  /** A 3 × 3 filter that keeps the size. */
  static final ConvolutionGeometry SAME = new ConvolutionGeometry(1, 1, 1);

  /** A 1 × 1 filter. */
  static final ConvolutionGeometry POINT = new ConvolutionGeometry(1, 0, 0);

  private final Backend backend;
  private final VaeWeights.Resnet weights;

  ResnetBlock(Backend backend, VaeWeights.Resnet weights) {
    this.backend = backend;
    this.weights = weights;
  }

  /** x: (B, h, w, C), the stream → (B, h, w, C'), the stream. */
  Tensor forward(Tensor x, FeatureMaps maps) {
    Shape out = FeatureMaps.withChannels(x, weights.conv1().outChannels());
    Tensor normed = maps.operand(x.shape());
    backend.groupNorm(x, weights.norm1(), Epilogue.SILU, normed);
    Tensor hidden = maps.hidden(out);
    backend.convolve(normed, weights.conv1(), SAME, Epilogue.NONE, hidden);
    Tensor sum = x;
    if (weights.shortcut() != null) {
      Tensor copied = maps.operand(x.shape());
      backend.copy(x, copied);
      sum = maps.stream(out);
      backend.convolve(copied, weights.shortcut(), POINT, Epilogue.NONE, sum);
    }
    Tensor normedHidden = maps.operand(out);
    backend.groupNorm(hidden, weights.norm2(), Epilogue.SILU, normedHidden);
    backend.convolve(normedHidden, weights.conv2(), SAME, new Epilogue.Add(sum), sum);
    return sum;
  }
}
