package dev.fluxgate.denoiser.transformer;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * Rotary position embedding over four axes: the pairs of a head are shared out among the axes, and
 * pair j of axis a turns by id(a) · theta^(−2j / width(a)). Angles are float64, their cosines and
 * sines rounded to float32 (flux2 spec §1.5).
 */
public final class AxialRope {
  private final int[] axisOfPair;
  private final double[] frequencyOfPair;

  /** The rotations of a transformer. */
  public AxialRope(Flux2Params params) {
    axisOfPair = new int[params.headDim() / 2];
    frequencyOfPair = new double[params.headDim() / 2];
    int pair = 0;
    for (int axis = 0; axis < params.ropeAxes().size(); axis++) {
      double width = params.ropeAxes().get(axis);
      for (int j = 0; 2 * j < width; j++) {
        axisOfPair[pair] = axis;
        frequencyOfPair[pair] = 1 / Math.pow(params.ropeTheta(), 2 * j / width);
        pair++;
      }
    }
  }

  /** Cosines, (tokens, headDim / 2). */
  public HostTensor cos(PositionIds ids) {
    return table(ids, true);
  }

  /** Sines, (tokens, headDim / 2). */
  public HostTensor sin(PositionIds ids) {
    return table(ids, false);
  }

  private HostTensor table(PositionIds ids, boolean cosine) {
    int pairs = axisOfPair.length;
    HostTensor table = HostTensor.zeros(DType.F32, Shape.of(ids.tokens(), pairs));
    for (int token = 0; token < ids.tokens(); token++) {
      for (int pair = 0; pair < pairs; pair++) {
        double angle = ids.id(token, axisOfPair[pair]) * frequencyOfPair[pair];
        table.set(
            (long) token * pairs + pair, (float) (cosine ? Math.cos(angle) : Math.sin(angle)));
      }
    }
    return table;
  }
}
