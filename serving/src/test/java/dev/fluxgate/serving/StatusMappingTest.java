package dev.fluxgate.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StatusMappingTest {
  private final StatusMapping mapping =
      StatusMapping.standard()
          .with(IOException.class, e -> Failure.of(Status.Code.DATA_LOSS, "IO", "io"))
          .with(FileNotFoundException.class, e -> Failure.of(Status.Code.NOT_FOUND, "FILE", "f"));

  static Stream<Arguments> rows() {
    return Stream.of(
        Arguments.of(new InvalidFieldException("a", "a: 1"), Status.Code.INVALID_ARGUMENT),
        Arguments.of(new TimeoutException(), Status.Code.DEADLINE_EXCEEDED),
        Arguments.of(new CancellationException(), Status.Code.CANCELLED),
        Arguments.of(new InterruptedException(), Status.Code.CANCELLED),
        Arguments.of(new RejectedExecutionException(), Status.Code.UNAVAILABLE),
        Arguments.of(new IOException(), Status.Code.DATA_LOSS),
        Arguments.of(new FileNotFoundException(), Status.Code.NOT_FOUND),
        Arguments.of(new ExecutionException(new IOException()), Status.Code.DATA_LOSS),
        Arguments.of(
            new CompletionException(new TimeoutException()), Status.Code.DEADLINE_EXCEEDED),
        Arguments.of(Status.ABORTED.asRuntimeException(), Status.Code.ABORTED),
        Arguments.of(new IllegalStateException("x"), Status.Code.INTERNAL));
  }

  @ParameterizedTest
  @MethodSource
  void rows(Throwable thrown, Status.Code code) {
    assertThat(mapping.failure(thrown).code()).isEqualTo(code);
    assertThat(mapping.toException(thrown).getStatus().getCode()).isEqualTo(code);
  }

  @Test
  void joinsSeveralFaults() {
    InvalidFieldException both =
        new InvalidFieldException(
            java.util.List.of(
                new InvalidFieldException.Violation("a", "a: 1 (expected: 2)"),
                new InvalidFieldException.Violation("b", "b: 3 (expected: 4)")));

    assertThat(mapping.failure(both).message()).isEqualTo("a: 1 (expected: 2); b: 3 (expected: 4)");
    assertThat(Failure.ofCall(mapping.toException(both)).violations()).isEqualTo(both.violations());
  }

  @Test
  void keepsAMessageWithinWhatHeadersCarry() {
    Failure failure = Failure.of(Status.Code.ABORTED, "LONG", "x".repeat(100_000));

    assertThat(failure.message()).hasSize(1001).endsWith("…");
  }
}
