package dev.fluxgate.serving;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one table from exceptions to gRPC statuses. A service adds the exceptions of its own domain;
 * what no row names is a fault of ours and is answered without its details, which go to the log.
 */
public final class StatusMapping {
  private static final Logger LOG = LoggerFactory.getLogger(StatusMapping.class);

  /** One row of the table. */
  @FunctionalInterface
  public interface Rule<E extends Throwable> {
    /** What {@code exception} is to the caller. */
    Failure failure(E exception);
  }

  private final Map<Class<?>, Rule<Throwable>> rules;

  private StatusMapping(Map<Class<?>, Rule<Throwable>> rules) {
    this.rules = rules;
  }

  /** The rows that every service of ours needs. */
  public static StatusMapping standard() {
    return new StatusMapping(Map.of())
        .with(
            InvalidFieldException.class,
            e ->
                new Failure(
                    Status.Code.INVALID_ARGUMENT,
                    "INVALID_FIELD",
                    Failure.messageOf(e),
                    e.violations(),
                    null))
        .with(
            QueueFullException.class,
            e ->
                new Failure(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "QUEUE_FULL",
                    Failure.messageOf(e),
                    List.of(),
                    e.retryAfter()))
        .with(
            TimeoutException.class,
            e ->
                Failure.of(
                    Status.Code.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", Failure.messageOf(e)))
        .with(
            CancellationException.class,
            e -> Failure.of(Status.Code.CANCELLED, "CANCELLED", Failure.messageOf(e)))
        .with(
            InterruptedException.class,
            e -> Failure.of(Status.Code.CANCELLED, "CANCELLED", "interrupted"))
        .with(
            RejectedExecutionException.class,
            e -> Failure.of(Status.Code.UNAVAILABLE, "STOPPING", "the process is stopping"));
  }

  /**
   * This table with one more row; a row for a subclass goes before one for its superclass.
   *
   * @param type exceptions of this class and its subclasses
   */
  public <E extends Throwable> StatusMapping with(Class<E> type, Rule<? super E> rule) {
    Map<Class<?>, Rule<Throwable>> more = new LinkedHashMap<>(rules);
    more.put(type, thrown -> rule.failure(type.cast(thrown)));
    return new StatusMapping(more);
  }

  /** What {@code thrown} is to the caller of an RPC. */
  public Failure failure(Throwable thrown) {
    for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
      Rule<Throwable> rule = rules.get(type);
      if (rule != null) {
        return rule.failure(thrown);
      }
    }
    Throwable cause = thrown.getCause();
    if (cause != null
        && (thrown instanceof CompletionException || thrown instanceof ExecutionException)) {
      return failure(cause);
    }
    if (thrown instanceof StatusRuntimeException || thrown instanceof StatusException) {
      return Failure.ofCall(thrown);
    }
    LOG.error("a call failed for a reason that the status table does not know", thrown);
    return Failure.of(
        Status.Code.INTERNAL, "INTERNAL", "internal error (details: in the log of the service)");
  }

  /** What gRPC turns into trailers. */
  public StatusRuntimeException toException(Throwable thrown) {
    return thrown instanceof StatusRuntimeException ready ? ready : failure(thrown).toException();
  }
}
