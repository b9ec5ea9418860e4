package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Random;

/**
 * Plays scenes on a back end and on the oracle, and compares. Random values are the same always.
 */
final class Trial {
  private final Backend subject;
  private final DType type;
  private final Random random = new Random(20261121);

  Trial(Backend subject, DType type) {
    this.subject = subject;
    this.type = type;
  }

  /** Element type of the activations. */
  DType type() {
    return type;
  }

  /** Activations, uniform in [−1, 1), rounded to the type of the trial. */
  HostTensor uniform(long... dims) {
    return uniform(type, 0, 1, dims);
  }

  /** Values of any type, uniform in [centre − radius, centre + radius). */
  HostTensor uniform(DType dtype, float centre, float radius, long... dims) {
    HostTensor values = HostTensor.zeros(dtype, Shape.of(dims));
    for (long i = 0; i < values.shape().count(); i++) {
      values.set(i, centre + radius * (2 * random.nextFloat() - 1));
    }
    return values;
  }

  /** Compares within a tolerance, in both layouts. */
  void compare(Tolerance tolerance, Scene scene) {
    compare(tolerance, type, scene);
  }

  /** Compares within a tolerance a result that is stored in a type of its own. */
  void compare(Tolerance tolerance, DType stored, Scene scene) {
    HostTensor expected = play(new ReferenceBackend(), DType.F32, Layout.DENSE, scene);
    for (Layout layout : Layout.values()) {
      tolerance.check(expected, play(subject, stored, layout, scene));
    }
  }

  /** Compares what an op rounds at several points: in bfloat16, nearly all must be equal. */
  void compareStepwise(Tolerance tolerance, Scene scene) {
    compareStepwise(tolerance, type, scene);
  }

  /** Compares what is rounded at several points and stored in a type of its own. */
  void compareStepwise(Tolerance tolerance, DType stored, Scene scene) {
    if (stored == DType.F32) {
      compare(tolerance, stored, scene);
      return;
    }
    HostTensor expected = play(new ReferenceBackend(), stored, Layout.DENSE, scene);
    for (Layout layout : Layout.values()) {
      tolerance.checkStepwise(expected, play(subject, stored, layout, scene));
    }
  }

  /** Compares bit by bit, in both layouts. */
  void compareExactly(Scene scene) {
    HostTensor expected = play(new ReferenceBackend(), type, Layout.DENSE, scene);
    for (Layout layout : Layout.values()) {
      HostTensor actual = play(subject, type, layout, scene);
      assertThat(actual.toFloats()).as("%s, %s", type, layout).isEqualTo(expected.toFloats());
    }
  }

  /** Plays the scene on the back end under test alone and gives its output. */
  HostTensor play(Scene scene) {
    return play(subject, type, Layout.DENSE, scene);
  }

  private HostTensor play(Backend backend, DType storeType, Layout layout, Scene scene) {
    try (Stage stage = new Stage(backend, type, storeType, layout)) {
      HostTensor result = backend.download(scene.play(stage));
      stage.checkNothingElseWritten();
      return result;
    }
  }
}
