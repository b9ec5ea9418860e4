package dev.fluxgate.gateway.embedding;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Stands between the gateway and an encoder that may be down: tries again with growing delays as
 * long as there is budget, and stops asking for a while when most calls fail. Only {@link
 * EncoderUnavailableException} counts as a failure; a refused prompt is an answer.
 */
public final class EncoderGuard {
  private static final float FAILURE_PERCENT = 50;
  private static final int WINDOW_CALLS = 20;
  private static final int MIN_CALLS = 5;

  private final String name;
  private final Budget budget = new Budget();
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
    /** Five attempts within some six seconds. */
    public static final Policy STANDARD =
        new Policy(5, Duration.ofMillis(200), Duration.ofSeconds(5));
  }

  /** A guard for the encoder called {@code name} in messages. */
  public EncoderGuard(String name, Policy policy) {
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
                .recordExceptions(EncoderUnavailableException.class)
                .build());
    retry =
        Retry.of(
            name,
            RetryConfig.custom()
                .maxAttempts(policy.attempts())
                .intervalFunction(
                    IntervalFunction.ofExponentialRandomBackoff(policy.firstDelay(), 2, 0.5))
                .retryOnException(e -> e instanceof EncoderUnavailableException && budget.spend())
                .build());
  }

  /**
   * Calls the encoder.
   *
   * @param call throws {@link EncoderUnavailableException} if there was no answer
   * @throws EncoderUnavailableException if all attempts failed, or none was made
   */
  public <T> T call(Supplier<T> call) {
    try {
      T answer =
          Retry.decorateSupplier(retry, CircuitBreaker.decorateSupplier(circuit, call)).get();
      budget.earn();
      return answer;
    } catch (CallNotPermittedException e) {
      throw new EncoderUnavailableException(
          "encoder " + name + ": not asked, since most calls failed lately; tried again soon", e);
    }
  }

  /**
   * Keeps many callers from multiplying the load on an encoder that is failing: ten retries at
   * once, and one more for each ten successes.
   */
  private static final class Budget {
    private static final double MAX = 10;
    private static final double EARNED = 0.1;

    private double tokens = MAX;

    synchronized boolean spend() {
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }

    synchronized void earn() {
      tokens = Math.min(MAX, tokens + EARNED);
    }
  }
}
