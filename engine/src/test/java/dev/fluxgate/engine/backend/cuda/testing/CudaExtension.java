package dev.fluxgate.engine.backend.cuda.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What {@link NeedsCuda} promises. */
final class CudaExtension implements ExecutionCondition, BeforeEachCallback, AfterEachCallback {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> obstacle = obstacle(context);
    if (obstacle.isEmpty()) {
      return ConditionEvaluationResult.enabled("there is a CUDA driver");
    }
    FakeCuda.failIfRequired(obstacle.get());
    return ConditionEvaluationResult.disabled(obstacle.get());
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (FakeCuda.isThere()) {
      FakeCuda.reset();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (FakeCuda.isThere()) {
      FakeCuda.reset();
      assertThat(FakeCuda.liveAllocations()).as("blocks left on the device").isZero();
      assertThat(FakeCuda.liveObjects()).as("streams, events, modules, pinned blocks").isZero();
    }
  }

  private static Optional<String> obstacle(ExtensionContext context) {
    Optional<String> missing = FakeCuda.whyUnavailable();
    NeedsCuda needs = context.getRequiredTestClass().getAnnotation(NeedsCuda.class);
    return missing.isEmpty() && needs != null && needs.fake() && !FakeCuda.isThere()
        ? Optional.of("faults can only be ordered from the fake CUDA driver")
        : missing;
  }
}
