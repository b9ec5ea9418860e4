package dev.fluxgate.engine.backend.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.RotaryTable.Pairing;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * Every rounding on the way, on values that one rounding less would change. Between 1 and 2 the
 * bfloat16 numbers are 2⁻⁷ apart; STEP is that, and 1 + STEP/2 a tie that goes to 1.
 */
final class RoundingPointsTest {
  private static final float STEP = 0x1p-7f;

  /** A factor whose product with 1 / √2 depends on whether that was rounded before. */
  private static final float TELLING = 2.09375f;

  private final ReferenceBackend backend = new ReferenceBackend();
  private final WeightStore weights = backend.weights(DType.BF16);

  /** What the epilogue makes of 1 · 1 + STEP/2 · 1, which is stored as 1. */
  private float product(Epilogue epilogue) {
    Weight.Linear ones = weights.linear(HostTensor.of(DType.F32, Shape.of(1, 2), 1, 1), null);
    Tensor out = halves(0);
    backend.linear(halves(1, STEP / 2), ones, epilogue, out);
    return value(out);
  }

  @Test
  void roundsAProductBeforeItIsMultiplied() {
    // 3 · (1 + STEP/2) = 3 + 1.5 STEP would be 3 + 2 STEP.
    assertThat(product(new Epilogue.Multiply(halves(3)))).isEqualTo(3);
  }

  @Test
  void roundsAProductBeforeItIsAdded() {
    // STEP/2 + (1 + STEP/2) would be 1 + STEP; STEP/2 + 1 is a tie that goes to 1.
    assertThat(product(new Epilogue.Add(halves(STEP / 2)))).isEqualTo(1);
    Weight.Vector bias = weights.vector(HostTensor.of(DType.F32, Shape.of(1), STEP / 2));
    assertThat(product(new Epilogue.AddBias(bias))).isEqualTo(1);
  }

  @Test
  void addsTheBiasOfAMatrixBeforeItRounds() {
    Weight.Linear ones =
        weights.linear(
            HostTensor.of(DType.F32, Shape.of(1, 2), 1, 1),
            HostTensor.of(DType.F32, Shape.of(1), STEP / 2));
    Tensor out = halves(0);
    backend.linear(halves(1, STEP / 2), ones, Epilogue.NONE, out);
    assertThat(value(out)).isEqualTo(1 + STEP);
  }

  @Test
  void roundsWhatIsGatedBeforeItIsAdded() {
    Weight.Linear one = weights.linear(HostTensor.of(DType.F32, Shape.of(1, 1), 1), null);
    Tensor out = halves(-1);
    Tensor gate = halves(1 + STEP);
    backend.linear(halves(1 + STEP), one, new Epilogue.GatedAdd(gate, out), out);
    // (1 + STEP)² = 1 + 2 STEP + STEP², rounded to 1 + 2 STEP.
    assertThat(value(out)).isEqualTo(2 * STEP);
  }

  @Test
  void roundsAProductBeforeItsActivation() {
    assertThat(product(Epilogue.SILU)).isEqualTo(stored(1 / (1 + Math.exp(-1))));
  }

  @Test
  void roundsAProductBeforeItsGelu() {
    assertThat(product(Epilogue.GELU_ERF)).isEqualTo(stored(0.8413447460685429));
    assertThat(product(Epilogue.GELU_TANH)).isEqualTo(stored(0.8411919906082768));
  }

  /** Values of gelu_new and quick_gelu of transformers 5.23.0 on torch 2.15.0, in bfloat16. */
  @Test
  void roundsEveryStepOfAComposedGelu() {
    float[] x = {-3.359375f, -2.984375f, -0.3046875f, 0.10058594f, 1.9140625f};
    float[] tanh = {0, -0.0058288574f, -0.115234375f, 0.05419922f, 1.859375f};
    float[] quick = {-0.011047363f, -0.018188477f, -0.11376953f, 0.0546875f, 1.8359375f};
    for (int i = 0; i < x.length; i++) {
      assertThat(gelu(Epilogue.GELU_COMPOSED_TANH, x[i])).isCloseTo(tanh[i], within(0f));
      assertThat(gelu(Epilogue.GELU_QUICK, x[i])).isEqualTo(quick[i]);
    }
    assertThat(gelu(Epilogue.GELU_TANH, -3.359375f)).isEqualTo(-0.0010528564f);
  }

  private float gelu(Epilogue kind, float x) {
    Weight.Linear one = weights.linear(HostTensor.of(DType.F32, Shape.of(1, 1), 1), null);
    Tensor out = halves(0);
    backend.linear(halves(x), one, kind, out);
    return value(out);
  }

  @Test
  void roundsALayerNormOnce() {
    // x̂ = ±1/√2: weighed by TELLING and only then rounded.
    Weight.Vector weight = weights.vector(HostTensor.of(DType.F32, Shape.of(2), TELLING, TELLING));
    Weight.Vector bias = weights.vector(HostTensor.of(DType.F32, Shape.of(2), 0, 0));
    Tensor out = halves(0, 0);
    backend.layerNorm(halves(-1, 1), weight, bias, 1, out);
    float once = stored(TELLING / Math.sqrt(2));
    assertThat(once).isNotEqualTo(stored(TELLING * (double) stored(1 / Math.sqrt(2))));
    assertThat(backend.download(out).toFloats()).containsExactly(-once, once);
  }

  @Test
  void roundsEveryStepOfABlend() {
    // 1 − m for m = STEP/4 + 2⁻¹⁶, a bfloat16, is rounded to 1 − STEP/4 before it multiplies.
    float share = STEP / 4 + 0x1p-16f;
    Tensor out = halves(0);
    backend.blend(halves(1 + STEP), halves(3 + 2 * STEP), halves(share), out);
    float rest = stored(1 - (double) share);
    float kept = stored(rest * (1.0 + STEP));
    float repainted = stored(share * (3.0 + 2 * STEP));
    assertThat(value(out)).isEqualTo(stored((double) kept + repainted));
    assertThat(rest).isNotEqualTo(1 - share);
  }

  @Test
  void roundsAConvolutionBeforeItIsAdded() {
    Weight.Convolution ones =
        weights.convolution(HostTensor.of(DType.F32, Shape.of(1, 2, 1, 1), 1, 1), null);
    Tensor x = tensor(Shape.of(1, 1, 1, 2), 1, STEP / 2);
    Tensor out = tensor(Shape.of(1, 1, 1, 1), STEP / 2);
    backend.convolve(x, ones, new ConvolutionGeometry(1, 0, 0), new Epilogue.Add(out), out);
    assertThat(value(out)).isEqualTo(1);
  }

  @Test
  void roundsTheGainTheNormAndTheirProduct() {
    // LN of (0, 2) with eps 3 is ∓½; 1 + STEP/2 is stored as 1, so the gain does nothing.
    Tensor out = halves(0, 0);
    backend.modulatedLayerNorm(halves(0, 2), halves(0, 0), halves(STEP / 2, STEP / 2), 3, out);
    assertThat(backend.download(out).toFloats()).containsExactly(-0.5f, 0.5f);
    // ∓1 / √2, stored before its gain.
    backend.modulatedLayerNorm(
        halves(-1, 1), halves(0, 0), halves(TELLING - 1, TELLING - 1), 1, out);
    float normed = stored(1 / Math.sqrt(2));
    assertThat(backend.download(out).toFloats())
        .containsExactly(-stored(TELLING * normed), stored(TELLING * normed));
  }

  @Test
  void roundsARootMeanSquareNormBeforeItsWeight() {
    Tensor out = halves(0, 0);
    Weight.Vector weight = weights.vector(HostTensor.of(DType.F32, Shape.of(2), TELLING, TELLING));
    backend.rmsNorm(halves(1, 1), weight, 1, out);
    float normed = stored(1 / Math.sqrt(2));
    assertThat(backend.download(out).toFloats())
        .containsExactly(stored(TELLING * normed), stored(TELLING * normed));
  }

  @Test
  void roundsAHeadNormInTheOrderAskedFor() {
    RotaryTable still = new RotaryTable(wide(1), wide(0), Pairing.HALVES);
    Weight.Vector weight = weights.vector(HostTensor.of(DType.F32, Shape.of(2), TELLING, TELLING));
    Tensor out = halves(0, 0);
    backend.rotate(
        halves(1, 1), 1, new HeadNorm(weight, 1, HeadNorm.Order.ROUND_THEN_WEIGH), still, out);
    assertThat(value(out)).isEqualTo(stored(TELLING * stored(1 / Math.sqrt(2))));
    backend.rotate(
        halves(1, 1), 1, new HeadNorm(weight, 1, HeadNorm.Order.WEIGH_THEN_ROUND), still, out);
    assertThat(value(out)).isEqualTo(stored(TELLING / Math.sqrt(2)));
    assertThat(stored(TELLING / Math.sqrt(2)))
        .isNotEqualTo(stored(TELLING * stored(1 / Math.sqrt(2))));
  }

  @Test
  void roundsTheProductsOfARotationToTheWiderOfBothTypes() {
    float odd = 1 + STEP;
    Tensor x = halves(odd, -odd);
    Tensor out = halves(0, 0);
    // odd · odd + odd · ½ = 1.5 + 2.5 STEP + STEP²: rounded once to 1.5 + 3 STEP.
    backend.rotate(x, 1, null, new RotaryTable(wide(odd), wide(0.5f), Pairing.HALVES), out);
    assertThat(value(out)).isEqualTo(1.5f + 3 * STEP);
    // Rounded first, 1 + 2 STEP and ½ + STEP/2 add to a tie that goes to 1.5 + 2 STEP.
    backend.rotate(x, 1, null, new RotaryTable(halves(odd), halves(0.5f), Pairing.HALVES), out);
    assertThat(value(out)).isEqualTo(1.5f + 2 * STEP);
  }

  @Test
  void roundsAGroupNormBeforeItsActivation() {
    GroupNorm norm =
        new GroupNorm(
            weights.vector(HostTensor.of(DType.F32, Shape.of(2), 1, 1)),
            weights.vector(HostTensor.of(DType.F32, Shape.of(2), 0, 0)),
            1,
            1);
    Tensor out = tensor(Shape.of(1, 1, 1, 2), 0, 0);
    backend.groupNorm(tensor(Shape.of(1, 1, 1, 2), -1, 1), norm, Epilogue.SILU, out);
    float normed = stored(1 / Math.sqrt(2));
    float expected = stored(normed / (1 + Math.exp(-normed)));
    assertThat(backend.download(out).toFloats()[1]).isEqualTo(expected);
  }

  @Test
  void roundsTheExponentialsButNotTheirSum() {
    // Two keys: logits 0 and −1, e⁻¹ stored as a bfloat16, divided by 1 + e⁻¹ as it is.
    Tensor q = tensor(Shape.of(1, 1), 1);
    Tensor k = tensor(Shape.of(2, 1), 0, -1);
    Tensor v = tensor(Shape.of(2, 1), 0, 1);
    HostTensor result = HostTensor.zeros(DType.F32, Shape.of(1, 1));
    Tensor out = Tensor.of(DType.F32, result.shape(), new Storage.Host(result.data()));
    AttentionGeometry geometry = new AttentionGeometry(1, 1, 2, 1, 1, 1);
    backend.attention(q, k, v, geometry, AttentionMask.FULL, out);
    float expected = (float) (stored(Math.exp(-1)) / (1 + Math.exp(-1)));
    assertThat(value(out)).isEqualTo(expected);
  }

  @Test
  void takesTheQuickExponentialWhereTheKeysStandInTheWholeRow() {
    // Two keys: with 14 others they fill a group, behind 15 others only the first one does.
    float none = weightOfTheSecond(AttentionMask.FULL);
    float both = weightOfTheSecond(new AttentionMask.Among(14, 0));
    float first = weightOfTheSecond(new AttentionMask.Among(15, 0));
    assertThat(none).isEqualTo((float) (stored(Math.exp(-0.5)) / (1 + Math.exp(-0.5))));
    assertThat(first).isNotEqualTo(none).isNotEqualTo(both);
    assertThat(both).isNotEqualTo(none);
    assertThat(weightOfTheSecond(new AttentionMask.Among(3, 2))).isEqualTo(none);
    assertThat(weightOfTheSecond(new AttentionMask.Among(0, 14))).isEqualTo(both);
    assertThat(weightOfTheSecond(new AttentionMask.Among(15, 15))).isEqualTo(both);
    assertThat(weightOfTheSecond(new AttentionMask.Among(15, 14))).isEqualTo(first);
  }

  private float weightOfTheSecond(AttentionMask mask) {
    HostTensor result = HostTensor.zeros(DType.F32, Shape.of(1, 1));
    Tensor out = Tensor.of(DType.F32, result.shape(), new Storage.Host(result.data()));
    backend.attention(
        tensor(Shape.of(1, 1), 0.5f),
        tensor(Shape.of(2, 1), 0, -1),
        tensor(Shape.of(2, 1), 0, 1),
        new AttentionGeometry(1, 1, 2, 1, 1, 1),
        mask,
        out);
    return value(out);
  }

  private float value(Tensor tensor) {
    return backend.download(tensor).get(0);
  }

  private static float stored(double value) {
    return Rounding.round(DType.BF16, value);
  }

  private static Tensor halves(float... values) {
    return tensor(Shape.of(1, values.length), values);
  }

  private static Tensor wide(float value) {
    HostTensor host = HostTensor.of(DType.F32, Shape.of(1, 1), value);
    return Tensor.of(DType.F32, host.shape(), new Storage.Host(host.data()));
  }

  private static Tensor tensor(Shape shape, float... values) {
    HostTensor host = HostTensor.of(DType.BF16, shape, values);
    return Tensor.of(DType.BF16, shape, new Storage.Host(host.data()));
  }
}
