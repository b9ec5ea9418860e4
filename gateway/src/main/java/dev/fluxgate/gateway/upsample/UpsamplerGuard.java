package dev.fluxgate.gateway.upsample;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Stands before an upsampler that may be down: tries again with growing delays, and stops asking
 * for a while when most calls fail. Only {@link UpsamplerUnavailableException} counts as a failure;
 * a refusal is an answer.
 */
public final class UpsamplerGuard {
  private static final float FAILURE_PERCENT = 50;
  private static final int WINDOW_CALLS = 20;
  private static final int MIN_CALLS = 5;

  private final String name;
  private final CircuitBreaker circuit;
  private final Retry retry;

  /**
   * How calls are tried again.
   *
   * @param attempts calls in all
   * @param firstDelay before the second attempt; doubles for each further one, give or take half
   * @param openFor how long nothing is asked once most calls failed
   */
  public record Policy(int attempts, Duration firstDelay, Duration openFor) {
    /** Three attempts: answers take seconds, and somebody waits for them. */
    public static final Policy STANDARD =
        new Policy(3, Duration.ofMillis(500), Duration.ofSeconds(15));
  }

  /** A guard for the upsampler called {@code name} in messages. */
  public UpsamplerGuard(String name, Policy policy) {
    this.name = name;
    circuit =
        CircuitBreaker.of(
            name,
            CircuitBreakerConfig.custom()
                .failureRateThreshold(FAILURE_PERCENT)
                .slidingWindowSize(WINDOW_CALLS)
                .minimumNumberOfCalls(MIN_CALLS)
                .waitDurationInOpenState(policy.openFor())
                .permittedNumberOfCallsInHalfOpenState(2)
                .recordExceptions(UpsamplerUnavailableException.class)
                .build());
    retry =
        Retry.of(
            name,
            RetryConfig.custom()
                .maxAttempts(policy.attempts())
                .intervalFunction(
                    IntervalFunction.ofExponentialRandomBackoff(policy.firstDelay(), 2, 0.5))
                .retryExceptions(UpsamplerUnavailableException.class)
                .build());
  }

  /**
   * Calls the upsampler.
   *
   * @param call throws {@link UpsamplerUnavailableException} if there was no answer
   * @throws UpsamplerUnavailableException if all attempts failed, or none was made
   */
  public <T> T call(Supplier<T> call) {
    try {
      return Retry.decorateSupplier(retry, CircuitBreaker.decorateSupplier(circuit, call)).get();
    } catch (CallNotPermittedException e) {
      throw new UpsamplerUnavailableException(
          name + ": not asked, since most calls failed lately; tried again soon", e);
    }
  }
}
