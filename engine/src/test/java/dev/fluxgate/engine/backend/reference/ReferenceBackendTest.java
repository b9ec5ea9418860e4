package dev.fluxgate.engine.backend.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.AttentionMask.KeyRange;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The oracle itself, on examples small enough to work out by hand. Tensors lie on the heap. */
final class ReferenceBackendTest {
  private final ReferenceBackend backend = new ReferenceBackend();
  private final WeightStore weights = backend.weights(DType.F32);

  @Test
  void multipliesByTheTransposedMatrixAndAddsTheBias() {
    Tensor x = matrix(2, 2, 1, 2, 3, 4);
    Weight.Linear weight =
        weights.linear(floats(Shape.of(3, 2), 1, 0, 0, 1, 1, 1), floats(10, 20, 30));
    Tensor out = matrix(2, 3);
    backend.linear(x, weight, Epilogue.NONE, out);
    // [1 2]·[[1 0] [0 1] [1 1]]ᵀ = [1 2 3], [3 4]·… = [3 4 7], each plus [10 20 30]
    assertThat(values(out)).containsExactly(11, 22, 33, 13, 24, 37);
  }

  @Test
  void appliesEpiloguesAfterTheBias() {
    Tensor x = matrix(1, 2, 1, 2);
    Weight.Linear weight = weights.linear(floats(Shape.of(2, 2), 1, 0, 0, 1), floats(1, 1));
    // a = [2 3]
    Tensor other = matrix(1, 2, 5, 7);
    Tensor gate = matrix(1, 2, 2, -1);
    assertThat(linear(x, weight, new Epilogue.Multiply(other))).containsExactly(10, 21);
    assertThat(linear(x, weight, new Epilogue.Add(other))).containsExactly(7, 10);
    assertThat(linear(x, weight, new Epilogue.GatedAdd(gate, other))).containsExactly(9, 4);
    float[] silu = linear(x, weight, Epilogue.SILU);
    assertThat(silu[0]).isEqualTo((float) (2 / (1 + Math.exp(-2))));
    assertThat(silu[1]).isEqualTo((float) (3 / (1 + Math.exp(-3))));
  }

  @Test
  void knowsTheValuesOfEveryGelu() {
    // Φ(1) = 0.8413447460685429, Φ(−2) = 0.02275013194817921, Φ(−4) = 3.167124183311992e-5.
    Tensor x = matrix(4, 1, 1, -2, -4, 5);
    Weight.Linear one = weights.linear(floats(Shape.of(1, 1), 1), null);
    assertThat(linear(x, one, Epilogue.GELU_ERF))
        .containsExactly(
            (float) 0.84134474607,
            -(float) 0.04550026389636,
            -(float) 1.26684967333e-4,
            (float) 4.99999856674);
    float[] tanh = linear(x, one, Epilogue.GELU_TANH);
    assertThat(linear(x, one, Epilogue.GELU_COMPOSED_TANH)).containsExactly(tanh, within(1e-7f));
    float[] quick = linear(x, one, Epilogue.GELU_QUICK);
    float[] values = {1, -2, -4, 5};
    for (int i = 0; i < 4; i++) {
      double v = values[i];
      double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
      assertThat(tanh[i])
          .isCloseTo((float) (v / 2 * (1 + Math.tanh(inner))), within(1e-6f * Math.abs(tanh[i])));
      assertThat(quick[i])
          .isCloseTo((float) (v / (1 + Math.exp(-1.702 * v))), within(1e-6f * Math.abs(quick[i])));
    }
  }

  @Test
  void sumsInFloat64() {
    // In float32 the ones would vanish beside 2²⁵.
    Tensor x = matrix(1, 4, 0x1p25f, 1, 1, -0x1p25f);
    Weight.Linear weight = weights.linear(floats(Shape.of(1, 4), 1, 1, 1, 1), null);
    assertThat(linear(x, weight, Epilogue.NONE)).containsExactly(2);
  }

  @Test
  void roundsToBfloat16OnceAtTheStore() {
    // 1 + 2⁻⁸ + 2⁻²⁶ lies above the tie of 1 and 1 + 2⁻⁷; as a float32 it would be that tie, and go
    // down.
    Tensor x = matrix(1, 3, 1, 0x1p-8f, 0x1p-26f);
    Tensor out = heap(DType.BF16, Shape.of(1, 1));
    backend.linear(x, weights.linear(floats(Shape.of(1, 3), 1, 1, 1), null), Epilogue.NONE, out);
    assertThat(values(out)).containsExactly(1 + 0x1p-7f);
  }

  @Test
  void correlatesAPictureWithAFilter() {
    // Picture 1 2 / 3 4, filter 1 2 3 / 4 5 6 / 7 8 9, a border of zeros.
    Tensor x = heap(floats(Shape.of(1, 2, 2, 1), 1, 2, 3, 4));
    Weight.Convolution filter =
        weights.convolution(floats(Shape.of(1, 1, 3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9), null);
    Tensor out = heap(floats(Shape.of(1, 2, 2, 1)));
    backend.convolve(x, filter, new ConvolutionGeometry(1, 1, 1), Epilogue.NONE, out);
    assertThat(values(out))
        .containsExactly(
            1 * 5 + 2 * 6 + 3 * 8 + 4 * 9,
            1 * 4 + 2 * 5 + 3 * 7 + 4 * 8,
            1 * 2 + 2 * 3 + 3 * 5 + 4 * 6,
            1 * 1 + 2 * 2 + 3 * 4 + 4 * 5);
  }

  @Test
  void padsOnlyAfterThePictureWhenHalvingIt() {
    Tensor x = heap(floats(Shape.of(1, 2, 2, 1), 1, 2, 3, 4));
    Weight.Convolution filter =
        weights.convolution(floats(Shape.of(1, 1, 3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9), null);
    Tensor out = heap(floats(Shape.of(1, 1, 1, 1)));
    backend.convolve(x, filter, new ConvolutionGeometry(2, 0, 1), Epilogue.NONE, out);
    assertThat(values(out)).containsExactly(1 * 1 + 2 * 2 + 3 * 4 + 4 * 5);
  }

  @Test
  void readsFiltersAsOutInHeightWidth() {
    Tensor x = heap(floats(Shape.of(1, 1, 1, 2), 1, 10));
    Weight.Convolution filter =
        weights.convolution(floats(Shape.of(2, 2, 1, 1), 1, 2, 3, 4), floats(100, 200));
    Tensor out = heap(floats(Shape.of(1, 1, 1, 2)));
    backend.convolve(x, filter, new ConvolutionGeometry(1, 0, 0), Epilogue.NONE, out);
    assertThat(values(out)).containsExactly(100 + 1 + 20, 200 + 3 + 40);
  }

  @Test
  void weighsValuesByTheSoftmaxOfScaledLogits() {
    // headDim 4, scale ½: logits ½·4·ln3 = 2·ln3 → weights 9 : 1.
    float log = (float) Math.log(3);
    Tensor q = matrix(1, 4, 1, 1, 1, 1);
    Tensor k = matrix(2, 4, log, log, log, log, 0, 0, 0, 0);
    Tensor v = matrix(2, 4, 10, 0, 0, 1, 0, 20, 0, 1);
    Tensor out = matrix(1, 4);
    AttentionGeometry geometry = new AttentionGeometry(1, 1, 2, 1, 1, 4);
    backend.attention(q, k, v, geometry, AttentionMask.FULL, out);
    float[] result = values(out);
    assertThat(result[0]).isCloseTo(9, within(1e-6f));
    assertThat(result[1]).isCloseTo(2, within(1e-6f));
    assertThat(result[2]).isZero();
    assertThat(result[3]).isCloseTo(1, within(1e-6f));
  }

  @Test
  void sharesKeyValueHeadsAmongNeighbouringHeads() {
    // Four heads of one feature on two: heads 0 and 1 read the first, 2 and 3 the second.
    Tensor q = matrix(1, 4, 1, 2, 3, 4);
    Tensor kv = matrix(1, 2, 5, 6);
    Tensor out = matrix(1, 4);
    AttentionGeometry geometry = new AttentionGeometry(1, 1, 1, 4, 2, 1);
    backend.attention(q, kv, kv, geometry, AttentionMask.FULL, out);
    assertThat(values(out)).containsExactly(5, 5, 6, 6);
  }

  @Test
  void masksLaterKeysAndPadding() {
    // Equal logits: a query gets the mean of the values it sees.
    Tensor q = matrix(4, 1);
    Tensor v = matrix(4, 1, 1, 2, 4, 8);
    AttentionGeometry geometry = AttentionGeometry.self(4, 1, 1);
    Tensor out = matrix(4, 1);
    backend.attention(q, q, v, geometry, causal(new KeyRange(0, 4)), out);
    assertThat(values(out)).containsExactly(1, 1.5f, 7 / 3f, 3.75f);
    backend.attention(q, q, v, geometry, causal(new KeyRange(2, 4)), out);
    assertThat(values(out)).containsExactly(0, 0, 4, 6);
    backend.attention(q, q, v, geometry, causal(new KeyRange(0, 2)), out);
    assertThat(values(out)).containsExactly(1, 1.5f, 1.5f, 1.5f);
  }

  @Test
  void rotatesAdjacentFeaturesOrHalves() {
    // A quarter turn of pair 0, none of pair 1.
    Tensor cos = matrix(1, 2, 0, 1);
    Tensor sin = matrix(1, 2, 1, 0);
    Tensor x = matrix(1, 4, 1, 2, 3, 4);
    Tensor out = matrix(1, 4);
    backend.rotate(x, 1, null, new RotaryTable(cos, sin, RotaryTable.Pairing.ADJACENT), out);
    assertThat(values(out)).containsExactly(-2, 1, 3, 4);
    backend.rotate(x, 1, null, new RotaryTable(cos, sin, RotaryTable.Pairing.HALVES), out);
    assertThat(values(out)).containsExactly(-3, 2, 1, 4);
  }

  @Test
  void startsTheTableAgainForEverySequence() {
    Tensor cos = matrix(2, 1, 1, 0);
    Tensor sin = matrix(2, 1, 0, 1);
    Tensor x = matrix(4, 2, 1, 2, 3, 4, 5, 6, 7, 8);
    backend.rotate(x, 1, null, new RotaryTable(cos, sin, RotaryTable.Pairing.HALVES), x);
    assertThat(values(x)).containsExactly(1, 2, -4, 3, 5, 6, -8, 7);
  }

  @Test
  void normsEachHeadForItself() {
    // Heads (3, 4) and (6, 8) have root mean squares √12.5 and √50.
    Tensor x = matrix(1, 4, 3, 4, 6, 8);
    Tensor out = matrix(1, 4);
    HeadNorm norm = new HeadNorm(weights.vector(floats(1, 2)), 0, HeadNorm.Order.WEIGH_THEN_ROUND);
    Tensor cos = matrix(1, 1, 1);
    Tensor sin = matrix(1, 1, 0);
    backend.rotate(x, 2, norm, new RotaryTable(cos, sin, RotaryTable.Pairing.HALVES), out);
    float first = (float) (3 / Math.sqrt(12.5));
    float second = (float) (8 / Math.sqrt(12.5));
    assertThat(values(out)).containsExactly(first, second, first, second);
  }

  @Test
  void dividesByTheRootMeanSquareWithEpsilonInside() {
    Tensor x = matrix(1, 2, 3, 4);
    Tensor out = matrix(1, 2);
    backend.rmsNorm(x, weights.vector(floats(1, 10)), 3.5f, out);
    // √((9 + 16) / 2 + 3.5) = 4
    assertThat(values(out)).containsExactly(0.75f, 10);
  }

  @Test
  void modulatesByOnePlusTheScale() {
    Tensor x = matrix(1, 4, 1, 1, 3, 3);
    Tensor out = matrix(1, 4);
    Tensor shift = matrix(1, 4, 0, 10, 0, 10);
    Tensor scale = matrix(1, 4, 0, 1, 2, 3);
    backend.modulatedLayerNorm(x, shift, scale, 3, out);
    // mean 2, variance 1, ÷ √(1 + 3): ∓ ½
    assertThat(values(out)).containsExactly(-0.5f, 9, 1.5f, 12);
  }

  @Test
  void normsGroupsOverAllPixels() {
    // Two pixels of four channels; group 0 holds 1 1 3 3, group 1 holds 0 4 8 4 (variance 8).
    Tensor x = heap(floats(Shape.of(1, 1, 2, 4), 1, 1, 0, 4, 3, 3, 8, 4));
    Tensor out = heap(floats(Shape.of(1, 1, 2, 4)));
    GroupNorm norm =
        new GroupNorm(weights.vector(floats(1, 2, 1, 1)), weights.vector(floats(0, 5, 0, 0)), 2, 8);
    backend.groupNorm(x, norm, Epilogue.NONE, out);
    assertThat(values(out)).containsExactly(-1 / 3f, 5 - 2 / 3f, -1, 0, 1 / 3f, 5 + 2 / 3f, 1, 0);
    backend.groupNorm(x, norm, Epilogue.SILU, out);
    assertThat(values(out)[6]).isCloseTo(0.7310586f, within(1e-7f));
  }

  @Test
  void roundsBothFactorsOfAnEulerStepToTheTypeOfTheVelocity() {
    // The step of klein's first of four: dt is 0.03271484375 as a bfloat16.
    Tensor x = matrix(1, 1, 1);
    Tensor velocity = heap(HostTensor.of(DType.BF16, Shape.of(1, 1), 3));
    Tensor out = matrix(1, 1);
    backend.eulerStep(x, velocity, -0.03261596f, out);
    // 3 · 0.03271484375 is a bfloat16 as it is: 1.5703125 · 2⁻⁴
    assertThat(values(out)).containsExactly(1 - 1.5703125f / 16);
    backend.eulerStep(x, matrix(1, 1, 3), -0.03261596f, out);
    assertThat(values(out)).containsExactly(1 + -0.03261596f * 3);
  }

  @Test
  void roundsEveryStepOfGuidance() {
    Tensor negative = heap(HostTensor.of(DType.BF16, Shape.of(1, 1), 1));
    Tensor positive = heap(HostTensor.of(DType.BF16, Shape.of(1, 1), 0x1p-9f));
    Tensor out = heap(DType.BF16, Shape.of(1, 1));
    backend.guide(negative, positive, 3, out);
    // 2⁻⁹ − 1 lies midway between −1 and −1 + 2⁻⁸ and goes to the even −1: 1 + 3·(−1) = −2.
    assertThat(values(out)).containsExactly(-2);
  }

  @Test
  void repeatsPixelsRowsAndIds() {
    Tensor out = heap(floats(Shape.of(1, 2, 4, 1)));
    backend.upsampleNearest(heap(floats(Shape.of(1, 1, 2, 1), 5, 6)), out);
    assertThat(values(out)).containsExactly(5, 5, 6, 6, 5, 5, 6, 6);
    Tensor rows = matrix(3, 2);
    Tensor ids = heap(HostTensor.ofInts(Shape.of(3), 1, 0, 1));
    backend.embed(ids, weights.embedding(floats(Shape.of(2, 2), 1, 2, 3, 4)), rows);
    assertThat(values(rows)).containsExactly(3, 4, 1, 2, 3, 4);
  }

  @Test
  void roundsWeightsToTheComputeTypeWithoutAStopInFloat32() {
    HostTensor stored = HostTensor.zeros(DType.F64, Shape.of(1));
    stored.data().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, 1 + 0x1p-8 + 0x1p-40);
    try (WeightStore halves = backend.weights(DType.BF16)) {
      Tensor out = matrix(1, 1);
      backend.rmsNorm(matrix(1, 1, 1), halves.vector(stored), 0, out);
      assertThat(values(out)).containsExactly(1 + 0x1p-7f);
    }
  }

  @Test
  void countsTheBytesOfItsWeights() {
    assertThat(weights.linear(floats(Shape.of(3, 2)), null).residentBytes()).isEqualTo(4 * 9);
    weights.embedding(floats(Shape.of(5, 2)));
    assertThat(weights.residentBytes()).isEqualTo(4 * 19);
    weights.close();
    assertThat(weights.residentBytes()).isZero();
    HostTensor late = floats(1, 2);
    assertThatThrownBy(() -> weights.vector(late))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void refusesWeightsOfAnotherBackEnd() {
    Weight.Vector foreign =
        new Weight.Vector() {
          @Override
          public int size() {
            return 2;
          }

          @Override
          public long residentBytes() {
            return 0;
          }
        };
    Tensor x = matrix(1, 2);
    Tensor out = matrix(1, 2);
    assertThatThrownBy(() -> backend.rmsNorm(x, foreign, 0, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: one prepared by the reference back end");
  }

  @Test
  void refusesATensorThatIsOnlyPlanned() {
    Tensor planned = Tensor.of(DType.F32, Shape.of(2, 2), new Storage.Planned(16));
    Tensor out = matrix(2, 2);
    assertThatThrownBy(() -> backend.copy(planned, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 2] in a plan");
  }

  @Test
  void saysWhatItIs() {
    assertThat(backend.name()).isEqualTo("reference");
    assertThat(backend.description()).contains("float64");
  }

  @Test
  void addsABiasToScaledLogits() {
    // Logits 2·0, bias ln 3 and 0 for the one query of head 0, 0 and ln 3 for that of head 1.
    float log = (float) Math.log(3);
    Tensor q = matrix(1, 2, 0, 0);
    Tensor v = matrix(2, 2, 4, 4, 8, 8);
    Tensor bias = matrix(2, 2, log, 0, 0, log);
    Tensor out = matrix(1, 2);
    AttentionGeometry geometry = new AttentionGeometry(1, 1, 2, 2, 2, 1).withScale(2);
    backend.attention(q, v, v, geometry, new AttentionMask.Biased(bias), out);
    assertThat(values(out)[0]).isCloseTo(5, within(1e-6f));
    assertThat(values(out)[1]).isCloseTo(7, within(1e-6f));
  }

  @Test
  void letsTheLastQueriesSeeWhatCameBefore() {
    // Equal logits: query 0 of 2 sees the first 2 of 3 keys, query 1 all.
    Tensor q = matrix(2, 1, 0, 0);
    Tensor v = matrix(3, 1, 3, 6, 9);
    Tensor out = matrix(2, 1);
    AttentionMask mask = new AttentionMask.Causal(List.of(new KeyRange(0, 3)));
    backend.attention(q, v, v, new AttentionGeometry(1, 2, 3, 1, 1, 1), mask, out);
    assertThat(values(out)).containsExactly(4.5f, 6);
  }

  @Test
  void refusesAScaleThatIsNotPositive() {
    for (float scale : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> AttentionGeometry.self(1, 1, 1).withScale(scale))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("scale: " + scale + " (expected: a positive number)");
    }
  }

  private float[] linear(Tensor x, Weight.Linear weight, Epilogue epilogue) {
    Tensor out = matrix(x.rows(), weight.outFeatures());
    backend.linear(x, weight, epilogue, out);
    return values(out);
  }

  private float[] values(Tensor tensor) {
    return backend.download(tensor).toFloats();
  }

  private static AttentionMask causal(KeyRange live) {
    return new AttentionMask.Causal(List.of(live));
  }

  private static Tensor matrix(int rows, int columns, float... values) {
    return heap(floats(Shape.of(rows, columns), values));
  }

  private static HostTensor floats(float... values) {
    return floats(Shape.of(values.length), values);
  }

  private static HostTensor floats(Shape shape, float... values) {
    return HostTensor.of(DType.F32, shape, values);
  }

  private static Tensor heap(DType type, Shape shape) {
    return heap(HostTensor.zeros(type, shape));
  }

  private static Tensor heap(HostTensor values) {
    return Tensor.of(values.dtype(), values.shape(), new Storage.Host(values.data()));
  }
}
