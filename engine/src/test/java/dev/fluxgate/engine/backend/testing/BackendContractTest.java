package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.backend.Backend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * The contract of {@link Backend}: extend it with a class that makes the back end, nothing more.
 * Every op is run in float32 and bfloat16, on dense tensors and on columns of wider ones, and
 * compared with the reference back end; inputs and the columns beside an output must stay as they
 * are.
 */
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
public abstract class BackendContractTest
    implements LinearContract,
        ConvolutionContract,
        AttentionContract,
        RotaryContract,
        NormContract,
        ElementwiseContract,
        WeightContract,
        RefusalContract {
  private Backend subject;

  /** A new back end; closed after each test. */
  protected abstract Backend create();

  @BeforeEach
  final void open() {
    subject = create();
  }

  @AfterEach
  final void close() {
    subject.close();
  }

  @Override
  public final Backend subject() {
    return subject;
  }
}
