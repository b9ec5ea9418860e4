package dev.fluxgate.denoiser.transformer;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;

/**
 * Rotary position embedding over several axes: the pairs of a head are shared out among the axes,
 * and pair j of axis a turns by id(a) · theta^(−2j / width(a)). Angles are float64, their cosines
 * and sines rounded to float32 (models spec §1.5). FLUX.2 turns by all four axes of a position,
 * FLUX.1 by the first three.
 */
public final class AxialRope {
  private final int[] axisOfPair;
  private final double[] frequencyOfPair;

  /**
   * The rotations of a transformer.
   *
   * @param axes features of a head for each axis, even numbers
   * @param theta base of the frequencies
   */
  public AxialRope(List<Integer> axes, double theta) {
    int pairs = axes.stream().mapToInt(Integer::intValue).sum() / 2;
    axisOfPair = new int[pairs];
    frequencyOfPair = new double[pairs];
    int pair = 0;
    for (int axis = 0; axis < axes.size(); axis++) {
      double width = axes.get(axis);
      for (int j = 0; 2 * j < width; j++) {
        axisOfPair[pair] = axis;
        frequencyOfPair[pair] = 1 / Math.pow(theta, 2 * j / width);
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
