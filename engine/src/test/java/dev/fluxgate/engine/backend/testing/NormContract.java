package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** The four norms. Inputs are off centre, so that a forgotten mean shows. */
interface NormContract extends ContractSubject {
  List<Integer> WIDTHS = List.of(1, 7, 13, 127, 207, 1025);

  @ComputeTypes
  default void dividesByTheRootMeanSquare(DType type) {
    for (int width : WIDTHS) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(7, width);
      HostTensor weight = trial.uniform(type, 1, 0.5f, width);
      trial.compareStepwise(
          Tolerance.reduction(width + 4, 2),
          stage -> {
            Tensor out = stage.output(7, width);
            stage.backend().rmsNorm(stage.input(x), stage.weights().vector(weight), 1e-6f, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void modulatesTheLayerNorm(DType type) {
    for (int width : WIDTHS) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(type, 2, 1, 7, width);
      HostTensor shift = trial.uniform(1, width);
      HostTensor scale = trial.uniform(1, width);
      trial.compareStepwise(
          Tolerance.reduction(width + 4, 6),
          stage -> {
            Tensor out = stage.output(7, width);
            stage
                .backend()
                .modulatedLayerNorm(
                    stage.input(x), stage.input(shift), stage.input(scale), 1e-6f, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void normsALayer(DType type) {
    for (int width : WIDTHS) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(type, 2, 1, 7, width);
      HostTensor weight = trial.uniform(type, 1, 0.5f, width);
      HostTensor bias = trial.uniform(width);
      trial.compare(
          Tolerance.reduction(width + 4, 6),
          stage -> {
            Tensor out = stage.output(7, width);
            stage
                .backend()
                .layerNorm(
                    stage.input(x),
                    stage.weights().vector(weight),
                    stage.weights().vector(bias),
                    1e-5f,
                    out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void normsTheGroupsOfAPicture(DType type) {
    // The last has whole blocks of pixels, whose moments may be taken channel by channel.
    int[][] cases = {
      {1, 3, 5, 16, 4}, {2, 7, 5, 24, 8}, {1, 1, 7, 13, 1}, {1, 13, 7, 32, 32}, {2, 32, 32, 32, 8}
    };
    for (int[] one : cases) {
      for (Epilogue activation : new Epilogue[] {Epilogue.NONE, Epilogue.SILU}) {
        Trial trial = trial(type);
        HostTensor x = trial.uniform(type, 2, 1, one[0], one[1], one[2], one[3]);
        HostTensor weight = trial.uniform(type, 1, 0.5f, one[3]);
        HostTensor bias = trial.uniform(one[3]);
        int members = one[1] * one[2] * one[3] / one[4];
        trial.compareStepwise(
            Tolerance.reduction(members + 4, 6),
            stage -> {
              Tensor out = stage.output(one[0], one[1], one[2], one[3]);
              GroupNorm norm =
                  new GroupNorm(
                      stage.weights().vector(weight), stage.weights().vector(bias), one[4], 1e-6f);
              stage.backend().groupNorm(stage.input(x), norm, activation, out);
              return out;
            });
      }
    }
  }

  @ComputeTypes
  default void keepsARowWithoutSpreadFinite(DType type) {
    Trial trial = trial(type);
    HostTensor x = trial.uniform(type, 3, 0, 2, 13);
    HostTensor shift = trial.uniform(1, 13);
    HostTensor scale = trial.uniform(1, 13);
    // A mean that is off in its last bit is divided by the root of eps.
    trial.compare(
        Tolerance.reduction(13, 3).plus(3 * 0x1p-24 * 13 / Math.sqrt(1e-6)),
        stage -> {
          Tensor out = stage.output(2, 13);
          stage
              .backend()
              .modulatedLayerNorm(
                  stage.input(x), stage.input(shift), stage.input(scale), 1e-6f, out);
          return out;
        });
  }
}
