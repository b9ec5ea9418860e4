package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The linear op and its epilogues. */
interface LinearContract extends ContractSubject {
  /** The GELUs that store nothing before their result. */
  List<Epilogue> ROUNDED_ONCE = List.of(Epilogue.GELU_TANH, Epilogue.GELU_ERF);

  /** The GELUs that are composed of steps, each of which rounds. */
  List<Epilogue> COMPOSED = List.of(Epilogue.GELU_COMPOSED_TANH, Epilogue.GELU_QUICK);

  @ComputeTypes
  default void multipliesMatricesOfAwkwardSizes(DType type) {
    int[][] sizes = {
      {1, 1, 1},
      {1, 13, 1},
      {7, 13, 127},
      {13, 207, 7},
      {127, 127, 13},
      {13, 7, 1025},
      {1, 1025, 207},
      {207, 1025, 13}
    };
    for (int[] size : sizes) {
      Trial trial = trial(type);
      Product product = Product.random(trial, size[0], size[1], size[2]);
      trial.compare(
          Tolerance.reduction(size[1], 1),
          stage -> product.on(stage, Epilogue.NONE, stage.output(size[0], size[2])));
    }
  }

  @ComputeTypes
  default void addsTheBias(DType type) {
    Trial trial = trial(type);
    Product product = new Product(trial.uniform(7, 127), trial.uniform(13, 127), trial.uniform(13));
    trial.compare(
        Tolerance.reduction(128, 1),
        stage -> product.on(stage, Epilogue.NONE, stage.output(7, 13)));
    trial.compareStepwise(
        Tolerance.reduction(128, 1),
        stage -> product.on(stage, Epilogue.SILU, stage.output(7, 13)));
  }

  @ComputeTypes
  default void takesTheRowsOfAnyRank(DType type) {
    Trial trial = trial(type);
    Product product = new Product(trial.uniform(2, 7, 20), trial.uniform(12, 20), null);
    trial.compare(
        Tolerance.reduction(20, 1),
        stage -> product.on(stage, Epilogue.NONE, stage.output(14, 12)));
  }

  @ComputeTypes
  default void roundsAfterEveryStepOfAnEpilogue(DType type) {
    Trial trial = trial(type);
    HostTensor factor = trial.uniform(7, 13);
    HostTensor gate = trial.uniform(1, 13);
    for (EpilogueOn epilogue :
        List.<EpilogueOn>of(
            _ -> Epilogue.SILU,
            _ -> Epilogue.GELU_TANH,
            _ -> Epilogue.GELU_ERF,
            _ -> Epilogue.GELU_COMPOSED_TANH,
            _ -> Epilogue.GELU_QUICK,
            stage -> new Epilogue.Multiply(stage.input(factor)),
            stage -> new Epilogue.Add(stage.input(factor)),
            stage -> new Epilogue.GatedAdd(stage.input(gate), stage.input(factor)))) {
      Product product = Product.random(trial, 7, 207, 13);
      trial.compareStepwise(
          Tolerance.reduction(207, 1),
          stage -> product.on(stage, epilogue.on(stage), stage.output(7, 13)));
    }
  }

  @ComputeTypes
  default void appliesEveryEpilogueToOneRow(DType type) {
    Trial trial = trial(type);
    HostTensor factor = trial.uniform(1, 1025);
    Product product = Product.random(trial, 1, 64, 1025);
    trial.compareStepwise(
        Tolerance.reduction(64, 1),
        stage ->
            product.on(
                stage,
                new Epilogue.GatedAdd(stage.input(factor), stage.input(factor)),
                stage.output(1, 1025)));
    trial.compareStepwise(
        Tolerance.reduction(64, 1),
        stage ->
            product.on(stage, new Epilogue.Multiply(stage.input(factor)), stage.output(1, 1025)));
  }

  @ComputeTypes
  default void appliesEveryGeluFromEndToEnd(DType type) {
    HostTensor one = HostTensor.of(type, Shape.of(1, 1), 1);
    HostTensor x = HostTensor.zeros(type, Shape.of(2001, 1));
    for (int i = 0; i < 2001; i++) {
      x.set(i, (i - 1000) / 80f);
    }
    Product product = new Product(x, one, null);
    for (Epilogue gelu : ROUNDED_ONCE) {
      Trial trial = trial(type);
      trial.compare(
          Tolerance.reduction(4, 1), stage -> product.on(stage, gelu, stage.output(2001, 1)));
    }
  }

  @ComputeTypes
  default void roundsEveryStepOfAComposedGelu(DType type) {
    HostTensor one = HostTensor.of(type, Shape.of(1, 1), 1);
    // Every bfloat16 of either sign from 1/16 to 16.
    HostTensor x = HostTensor.zeros(type, Shape.of(2 * 1024, 1));
    for (int i = 0; i < 1024; i++) {
      float value = Float.intBitsToFloat(0x3D80_0000 + (i << 16));
      x.set(2L * i, value);
      x.set(2L * i + 1, -value);
    }
    Product product = new Product(x, one, null);
    for (Epilogue gelu : COMPOSED) {
      Scene scene = stage -> product.on(stage, gelu, stage.output(2 * 1024, 1));
      if (type == DType.BF16) {
        trial(type).compareExactly(scene);
      } else {
        trial(type).compare(Tolerance.reduction(4, 1), scene);
      }
    }
  }

  @ComputeTypes
  default void keepsGeluFiniteAtTheEnds(DType type) {
    HostTensor eye = HostTensor.zeros(type, Shape.of(8, 1));
    float[] ends = {-1e30f, -1000, -100, -88, 88, 100, 1000, 1e30f};
    for (int i = 0; i < 8; i++) {
      eye.set(i, ends[i]);
    }
    Product product = new Product(HostTensor.of(type, Shape.of(1, 1), 1), eye, null);
    for (Epilogue gelu : Stream.concat(ROUNDED_ONCE.stream(), COMPOSED.stream()).toList()) {
      HostTensor out = trial(type).play(stage -> product.on(stage, gelu, stage.output(1, 8)));
      for (int i = 0; i < 4; i++) {
        assertThat(Math.abs(out.get(i))).as("%s of %s", gelu, ends[i]).isLessThan(1e-8f);
        assertThat(out.get(4 + i)).as("%s of %s", gelu, ends[4 + i]).isEqualTo(eye.get(4 + i));
      }
    }
  }

  @ComputeTypes
  default void addsToAResidualInPlace(DType type) {
    Trial trial = trial(type);
    HostTensor residual = trial.uniform(127, 13);
    HostTensor gate = trial.uniform(1, 13);
    Product product = Product.random(trial, 127, 65, 13);
    trial.compareStepwise(
        Tolerance.reduction(65, 1),
        stage -> {
          Tensor out = stage.inPlace(residual);
          return product.on(stage, new Epilogue.Add(out), out);
        });
    trial.compareStepwise(
        Tolerance.reduction(65, 1),
        stage -> {
          Tensor out = stage.inPlace(residual);
          return product.on(stage, new Epilogue.GatedAdd(stage.input(gate), out), out);
        });
  }

  @ComputeTypes
  default void addsABiasToTheRoundedProduct(DType type) {
    Trial trial = trial(type);
    HostTensor bias = trial.uniform(127);
    Product product = Product.random(trial, 13, 65, 127);
    trial.compareStepwise(
        Tolerance.reduction(66, 1),
        stage ->
            product.on(
                stage, new Epilogue.AddBias(stage.weights().vector(bias)), stage.output(13, 127)));
  }

  @ComputeTypes
  default void storesAProductInAnotherType(DType type) {
    DType other = type == DType.F32 ? DType.BF16 : DType.F32;
    Trial trial = trial(type);
    HostTensor residual = trial.uniform(other, 0, 1, 13, 7);
    Product product = Product.random(trial, 13, 64, 7);
    Tolerance tolerance = Tolerance.reduction(65, 1);
    trial.compare(tolerance, other, stage -> product.on(stage, Epilogue.NONE, stage.output(13, 7)));
    trial.compareStepwise(
        tolerance,
        other,
        stage -> {
          Tensor out = stage.inPlace(residual);
          return product.on(stage, new Epilogue.Add(out), out);
        });
  }

  @ComputeTypes
  default void takesNoRows(DType type) {
    Trial trial = trial(type);
    Product product = Product.random(trial, 0, 16, 16);
    trial.compareExactly(stage -> product.on(stage, Epilogue.NONE, stage.output(0, 16)));
  }

  @ComputeTypes
  default void passesNotANumberOn(DType type) {
    Trial trial = trial(type);
    Product product = Product.random(trial, 2, 16, 16);
    product.x().set(3, Float.NaN);
    HostTensor out = trial.play(stage -> product.on(stage, Epilogue.NONE, stage.output(2, 16)));
    for (int i = 0; i < 32; i++) {
      assertThat(Float.isNaN(out.get(i))).isEqualTo(i < 16);
    }
  }

  /** An epilogue whose operands lie on a stage. */
  @FunctionalInterface
  interface EpilogueOn {
    Epilogue on(Stage stage);
  }

  /**
   * A product with its operands.
   *
   * @param x (M, K)
   * @param weight (N, K)
   * @param bias (N) or none
   */
  record Product(HostTensor x, HostTensor weight, @Nullable HostTensor bias) {
    static Product random(Trial trial, int m, int k, int n) {
      return new Product(trial.uniform(m, k), trial.uniform(n, k), null);
    }

    Tensor on(Stage stage, Epilogue epilogue, Tensor out) {
      stage.backend().linear(stage.input(x), stage.weights().linear(weight, bias), epilogue, out);
      return out;
    }
  }
}
