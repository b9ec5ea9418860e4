package dev.fluxgate.gateway.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.ResponseCompleteException;
import dev.fluxgate.serving.StatusMapping;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RefuserTest {
  private final Refuser refuser = new Refuser(new RouteTable(List.of()), StatusMapping.standard());

  static Stream<Throwable> endsOfTheExchange() {
    return Stream.of(
        ResponseCompleteException.get(),
        ClosedSessionException.get(),
        new CompletionException(ResponseCompleteException.get()));
  }

  /** What is no fault of ours would be INTERNAL, and in the log. */
  @ParameterizedTest
  @MethodSource("endsOfTheExchange")
  void takesACallThatIsOverAsGivenUp(Throwable over) {
    AggregatedHttpResponse answer = refuser.refuse("/v1/jobs", over).aggregate().join();
    assertThat(answer.status().code()).isEqualTo(499);
    assertThat(answer.contentUtf8()).contains("CANCELLED", "given up before it was answered");
  }

  @Test
  void tellsHowLongABodyMayBe() {
    AggregatedHttpResponse answer =
        refuser
            .refuse("/v1/jobs", ContentTooLargeException.builder().maxContentLength(7).build())
            .aggregate()
            .join();
    assertThat(answer.status().code()).isEqualTo(413);
    assertThat(answer.contentUtf8()).contains("more than 7 bytes (expected: at most 7)");
  }
}
