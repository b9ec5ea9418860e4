package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls.Steps;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;

/** Epilogues → what the kernels of products take. */
final class EpilogueSteps {
  private EpilogueSteps() {}

  static Steps of(Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.None _ -> Steps.of(Steps.STORE);
      case Epilogue.Silu _ -> Steps.of(Steps.SILU);
      case Epilogue.Gelu(Epilogue.Gelu.Kind kind) -> Steps.of(gelu(kind));
      case Epilogue.AddBias add ->
          new Steps(
              Steps.ADD_BIAS, CudaWeight.address(add.bias()), DeviceMatrix.NONE, DeviceMatrix.NONE);
      case Epilogue.Multiply multiply ->
          new Steps(Steps.MULTIPLY, 0, DeviceMatrix.of(multiply.factor()), DeviceMatrix.NONE);
      case Epilogue.Add add ->
          new Steps(Steps.ADD, 0, DeviceMatrix.of(add.residual()), DeviceMatrix.NONE);
      case Epilogue.GatedAdd gated ->
          new Steps(
              Steps.GATED_ADD, 0, DeviceMatrix.of(gated.residual()), DeviceMatrix.of(gated.gate()));
    };
  }

  private static int gelu(Epilogue.Gelu.Kind kind) {
    return switch (kind) {
      case TANH -> Steps.GELU_TANH;
      case COMPOSED_TANH -> Steps.GELU_COMPOSED_TANH;
      case ERF -> Steps.GELU_ERF;
      case QUICK -> Steps.GELU_QUICK;
    };
  }
}
