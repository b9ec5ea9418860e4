package dev.fluxgate.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTest {

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, 400",
    "OUT_OF_RANGE, 400",
    "NOT_FOUND, 404",
    "ALREADY_EXISTS, 409",
    "FAILED_PRECONDITION, 409",
    "RESOURCE_EXHAUSTED, 429",
    "INTERNAL, 500",
    "DATA_LOSS, 500",
    "UNAVAILABLE, 503",
    "DEADLINE_EXCEEDED, 504",
  })
  void hasAStatusOfHttp(Code code, int status) {
    assertThat(Failure.of(code, "REASON", "why").httpStatus()).isEqualTo(status);
  }

  @Test
  void isNoSuccessOverHttp() {
    assertThat(Arrays.stream(Code.values()).map(code -> Failure.of(code, "R", "m").httpStatus()))
        .allMatch(status -> status >= 400);
  }
}
