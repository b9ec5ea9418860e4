package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.PixelSize;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.PlanResult;
import io.grpc.Status;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers are asked about a request before it is accepted. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerConsentTest {
  private static final PlanResult TOO_LARGE =
      PlanResult.newBuilder().setNeededBytes(2001).setAvailableBytes(2000).build();
  private static final PlanResult FITS =
      PlanResult.newBuilder().setNeededBytes(2001).setAvailableBytes(2001).build();
  private static final String BOTH_NUMBERS =
      "parameters: 2001 bytes of activations (expected: at most 2000 bytes, which is what the"
          + " worker has)";

  private GatewayFixture gateway = new GatewayFixture();

  @AfterEach
  void close() {
    gateway.close();
  }

  private Failure refusal() {
    Failure failure = Failure.ofCall(catchThrowable(() -> gateway.create("", "p")));
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.reason()).isEqualTo("INVALID_FIELD");
    return failure;
  }

  @Test
  void tellsTheWorkerAllThatMemoryDependsOnAndNoWords() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      ByteString picture = TestPng.of(48, 16, 100);
      gateway.create(
          "",
          GenerationParameters.newBuilder()
              .setPrompt("secret")
              .setNegativePrompt("secret")
              .setTrueCfgScale(2)
              .setMaxSequenceLength(17)
              .addImages(InputImage.newBuilder().setData(picture))
              .setStrength(0.5f)
              .setTileSize(64)
              .build());

      Plan plan = worker.plans.take();
      assertThat(plan.getImagesList())
          .containsExactly(PixelSize.newBuilder().setWidth(48).setHeight(16).build());
      assertThat(plan.getPromptTokens()).isEqualTo(17);
      assertThat(plan.getNegativePromptTokens()).isEqualTo(17);
      assertThat(plan.getParameters().getTileSize()).isEqualTo(64);
      assertThat(plan.getParameters().getStrength()).isEqualTo(0.5f);
      assertThat(plan.toString()).doesNotContain("secret");
    }
  }

  @Test
  void refusesWithTheNumberNeededAndTheNumberThere() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w");
        HttpUser user = new HttpUser(gateway)) {
      worker.planning = _ -> TOO_LARGE;
      assertThat(refusal().message()).isEqualTo(BOTH_NUMBERS);
      HttpResponse<String> refused = user.post("/v1/jobs", "{\"prompt\": \"p\"}");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(HttpUser.json(refused).path("detail").asText()).isEqualTo(BOTH_NUMBERS);

      worker.planning = _ -> FITS;
      gateway.create("", "p");
      worker.nextAssign();
    }
  }

  @Test
  void refusesInTheWorkersWordsCutShort() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      worker.planning = _ -> PlanResult.newBuilder().setRefusal("x".repeat(5000)).build();
      assertThat(refusal().message()).isEqualTo("x".repeat(1000) + "…");
    }
  }

  @Test
  void oneWorkerThatCanIsEnough() throws Exception {
    try (FakeWorker small = FakeWorker.attached(gateway.port(), "small", List.of());
        FakeWorker large = FakeWorker.ready(gateway.port(), "large")) {
      small.planning = _ -> TOO_LARGE;
      large.planning = _ -> FITS;
      gateway.create("", "p");
      assertThat(small.plans.take()).isEqualTo(large.plans.take());
      large.nextAssign();

      large.planning = _ -> TOO_LARGE;
      assertThat(refusal().message()).isEqualTo(BOTH_NUMBERS);
    }
  }

  @Test
  void aWorkerThatDiesInPlaceOfAnAnswerRefusesNothing() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      worker.planning =
          _ -> {
            worker.die();
            return null;
          };
      assertThat(gateway.create("", "p").getId()).isNotEmpty();
    }
  }

  @Test
  void silenceRefusesNothing() throws Exception {
    gateway.close();
    gateway = new GatewayFixture(Duration.ofMillis(100));
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      worker.planning = _ -> null;
      gateway.create("", "p");
      worker.nextAssign();
    }
  }

  @Test
  void aWorkerThatLeavesIsNotAsked() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      worker.planning = _ -> TOO_LARGE;
      worker.drain();
      // Answered behind the word that it leaves.
      worker.heartbeat(LeaseRef.getDefaultInstance());
      worker.next(MessageCase.REVOKE);
      gateway.create("", "p");
      assertThat(worker.plans).isEmpty();
    }
  }
}
