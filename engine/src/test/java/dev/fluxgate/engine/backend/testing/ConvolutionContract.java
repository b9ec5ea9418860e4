package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolution and upsampling. */
interface ConvolutionContract extends ContractSubject {

  @ComputeTypes
  default void convolvesPicturesOfAwkwardSizes(DType type) {
    ConvolutionGeometry plain = new ConvolutionGeometry(1, 0, 0);
    ConvolutionGeometry same = new ConvolutionGeometry(1, 1, 1);
    ConvolutionGeometry down = new ConvolutionGeometry(2, 0, 1);
    for (Case one :
        List.of(
            new Case(1, 1, 1, 1, 1, 1, plain),
            new Case(1, 5, 7, 13, 7, 1, plain),
            new Case(2, 7, 5, 3, 13, 3, same),
            new Case(1, 1, 1, 1, 1, 3, same),
            new Case(1, 1, 13, 7, 16, 3, same),
            new Case(1, 13, 7, 127, 7, 3, same),
            new Case(1, 3, 3, 8, 5, 3, plain),
            new Case(2, 8, 6, 16, 16, 3, down),
            new Case(1, 7, 9, 13, 16, 3, down))) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(one.batch, one.height, one.width, one.in);
      HostTensor filter = trial.uniform(one.out, one.in, one.kernel, one.kernel);
      HostTensor bias = trial.uniform(one.out);
      Tolerance tolerance = Tolerance.reduction(one.in * one.kernel * one.kernel + 1, 1);
      trial.compare(
          tolerance,
          stage -> one.on(stage, x, filter, null, Epilogue.NONE, stage.output(one.outDims())));
      trial.compare(
          tolerance,
          stage -> one.on(stage, x, filter, bias, Epilogue.NONE, stage.output(one.outDims())));
    }
  }

  @ComputeTypes
  default void addsAResidualAfterTheConvolution(DType type) {
    Trial trial = trial(type);
    Case one = new Case(2, 5, 7, 13, 16, 3, new ConvolutionGeometry(1, 1, 1));
    HostTensor x = trial.uniform(2, 5, 7, 13);
    HostTensor filter = trial.uniform(16, 13, 3, 3);
    HostTensor bias = trial.uniform(16);
    HostTensor residual = trial.uniform(one.outDims());
    Tolerance tolerance = Tolerance.reduction(119, 1);
    trial.compareStepwise(
        tolerance,
        stage -> {
          Epilogue add = new Epilogue.Add(stage.input(residual));
          return one.on(stage, x, filter, bias, add, stage.output(one.outDims()));
        });
    trial.compareStepwise(
        tolerance,
        stage -> {
          Tensor out = stage.inPlace(residual);
          return one.on(stage, x, filter, null, new Epilogue.Add(out), out);
        });
  }

  @ComputeTypes
  default void addsToAPictureTooLargeForOnePiece(DType type) {
    Trial trial = trial(type);
    Case one = new Case(1, 33, 130, 1, 512, 3, new ConvolutionGeometry(1, 1, 1));
    HostTensor x = trial.uniform(1, 33, 130, 1);
    HostTensor filter = trial.uniform(512, 1, 3, 3);
    HostTensor residual = trial.uniform(one.outDims());
    trial.compareStepwise(
        Tolerance.reduction(10, 1),
        stage -> {
          Tensor out = stage.inPlace(residual);
          return one.on(stage, x, filter, null, new Epilogue.Add(out), out);
        });
  }

  @ComputeTypes
  default void doublesEveryPixel(DType type) {
    Trial trial = trial(type);
    HostTensor x = trial.uniform(2, 3, 5, 7);
    trial.compareExactly(stage -> {
      Tensor out = stage.output(2, 6, 10, 7);
      stage.backend().upsampleNearest(stage.input(x), out);
      return out;
    });
  }

  /**
   * A convolution.
   *
   * @param batch pictures
   * @param height of the input
   * @param width of the input
   * @param in channels
   * @param out channels
   * @param kernel size of the filter
   * @param geometry stride and padding
   */
  record Case(
      int batch, int height, int width, int in, int out, int kernel, ConvolutionGeometry geometry) {
    long[] outDims() {
      return new long[] {
        batch, geometry.outputSize(height, kernel), geometry.outputSize(width, kernel), out
      };
    }

    Tensor on(
        Stage stage,
        HostTensor x,
        HostTensor filter,
        @Nullable HostTensor bias,
        Epilogue epilogue,
        Tensor result) {
      stage
          .backend()
          .convolve(
              stage.input(x),
              stage.weights().convolution(filter, bias),
              geometry,
              epilogue,
              result);
      return result;
    }
  }
}
