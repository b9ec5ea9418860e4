package dev.fluxgate.serving;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A failed call, the same on both ends of the wire: a status with ErrorInfo always, BadRequest and
 * RetryInfo where they say something.
 *
 * @param code status of the call
 * @param reason machine-readable, UPPER_SNAKE_CASE
 * @param message one line for people
 * @param violations fields at fault; empty unless the request was
 * @param retryAfter when trying again makes sense; null where the caller need not wait, or never
 *     can
 */
public record Failure(
    Status.Code code,
    String reason,
    String message,
    List<InvalidFieldException.Violation> violations,
    @Nullable Duration retryAfter) {
  /** Domain of every reason of ours. */
  public static final String DOMAIN = "fluxgate.dev";

  /** Header lists are limited to 8 KiB, and the message travels twice, escaped once. */
  private static final int MAX_MESSAGE_CHARS = 1000;

  /** Copies the list and bounds the message. */
  public Failure {
    violations = List.copyOf(violations);
    if (message.length() > MAX_MESSAGE_CHARS) {
      message = message.substring(0, MAX_MESSAGE_CHARS) + "…";
    }
  }

  /** A failure that is neither the request's fault nor a matter of waiting. */
  public static Failure of(Status.Code code, String reason, String message) {
    return new Failure(code, reason, message, List.of(), null);
  }

  /** As {@link #of(Status.Code, String, String)}, worth another try after {@code retryAfter}. */
  public static Failure retryable(
      Status.Code code, String reason, String message, Duration retryAfter) {
    return new Failure(code, reason, message, List.of(), retryAfter);
  }

  /**
   * What a call failed with, as a client sees it: details where the server is one of ours, the bare
   * status where it is not.
   */
  public static Failure ofCall(Throwable thrown) {
    Status bare = Status.fromThrowable(thrown);
    String text = bare.getDescription();
    String message = text == null ? bare.getCode().name() : text;
    com.google.rpc.Status details = StatusProto.fromThrowable(thrown);
    ErrorInfo info =
        details == null
            ? ErrorInfo.getDefaultInstance()
            : detail(details, ErrorInfo.getDefaultInstance());
    String reason = info.getReason().isEmpty() ? bare.getCode().name() : info.getReason();
    if (details == null) {
      return of(bare.getCode(), reason, message);
    }
    BadRequest badRequest = detail(details, BadRequest.getDefaultInstance());
    RetryInfo retry = detail(details, RetryInfo.getDefaultInstance());
    Duration delay =
        retry.hasRetryDelay()
            ? Duration.ofSeconds(
                retry.getRetryDelay().getSeconds(), retry.getRetryDelay().getNanos())
            : null;
    return new Failure(
        bare.getCode(),
        reason,
        message,
        badRequest.getFieldViolationsList().stream()
            .map(v -> new InvalidFieldException.Violation(v.getField(), v.getDescription()))
            .toList(),
        delay);
  }

  /** The status of HTTP that says the same, as far as one does. */
  public int httpStatus() {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      // Nobody is there to read it; the number is what proxies log for it.
      case CANCELLED -> 499;
      // A failure that says OK is a fault of ours.
      case OK, UNKNOWN, INTERNAL, DATA_LOSS -> 500;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }

  /** What {@code thrown} says, or its name where it says nothing. */
  public static String messageOf(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.getClass().getSimpleName() : message;
  }

  /** The exception that gRPC turns into trailers. */
  public StatusRuntimeException toException() {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(message)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).build()));
    if (!violations.isEmpty()) {
      BadRequest.Builder badRequest = BadRequest.newBuilder();
      violations.forEach(v ->
          badRequest
              .addFieldViolationsBuilder()
              .setField(v.field())
              .setDescription(v.description()));
      status.addDetails(Any.pack(badRequest.build()));
    }
    if (retryAfter != null) {
      RetryInfo.Builder retry = RetryInfo.newBuilder();
      retry
          .getRetryDelayBuilder()
          .setSeconds(retryAfter.toSeconds())
          .setNanos(retryAfter.toNanosPart());
      status.addDetails(Any.pack(retry.build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static <M extends Message> M detail(com.google.rpc.Status status, M prototype) {
    for (Any any : status.getDetailsList()) {
      if (any.getTypeUrl().endsWith("/" + prototype.getDescriptorForType().getFullName())) {
        try {
          @SuppressWarnings("unchecked") // The prototype's own parser makes its own type.
          M parsed = (M) prototype.getParserForType().parseFrom(any.getValue());
          return parsed;
        } catch (InvalidProtocolBufferException e) {
          // A detail that cannot be read says as much as one that is not there.
          return prototype;
        }
      }
    }
    return prototype;
  }
}
