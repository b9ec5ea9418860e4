package dev.fluxgate.denoiser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.PixelSize;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.PlanResult;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker that is asked what a job would take. */
@Timeout(60)
class PlanTest {
  private static final GenerationParameters PARAMETERS =
      GenerationParameters.newBuilder().setWidth(32).setHeight(16).setNumInferenceSteps(3).build();

  @RegisterExtension private final AttachedWorker worker = new AttachedWorker(Duration.ZERO);
  private final FakeGateway gateway = worker.gateway;
  private final Painter painter = worker.painter;

  private PlanResult ask(Plan.Builder plan) throws InterruptedException {
    gateway.say(
        AttachResponse.newBuilder().setPlan(plan.setId(7).setParameters(PARAMETERS)).build());
    return gateway.hear(AttachRequest::hasPlanResult).getPlanResult();
  }

  @Test
  void tellsBothNumbersWhileAJobIsAtWork() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();

    assertThat(ask(Plan.newBuilder().setPromptTokens(5)))
        .isEqualTo(
            PlanResult.newBuilder()
                .setId(7)
                .setNeededBytes(5 * 32)
                .setAvailableBytes(Painter.MEMORY)
                .build());
    painter.release.countDown();
    gateway.hear(AttachRequest::hasComplete);
  }

  @Test
  void tellsWhyItCannot() throws InterruptedException {
    painter.failure = new IllegalArgumentException("strength: 2 (expected: none)");
    assertThat(ask(Plan.newBuilder()))
        .isEqualTo(
            PlanResult.newBuilder().setId(7).setRefusal("strength: 2 (expected: none)").build());
    assertThat(ask(Plan.newBuilder().addImages(PixelSize.newBuilder().setWidth(9))))
        .extracting(PlanResult::getRefusal)
        .isEqualTo("size: 9 x 0 (expected: at least 1 x 1)");
  }

  @Test
  void fetchesNothingForALeaseThatItHasNoMemoryFor() throws InterruptedException {
    gateway.assign("a", assign -> assign.getPlanBuilder().setPromptTokens(100));
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();

    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_TOO_LARGE);
    assertThat(nack.getDetail()).isEqualTo("TOO_LARGE");
    assertThat(nack.getMessage())
        .isEqualTo("job: 1600 bytes of activations (expected: at most 1000 bytes here)");
    assertThat(gateway.downloads).hasValue(0);
    gateway.assign("b", assign -> assign.getPlanBuilder().setPromptTokens(1));
    gateway.hear(AttachRequest::hasComplete);
    assertThat(gateway.downloads).hasValue(1);
  }

  @Test
  void fetchesNothingForALeaseThatItCannotDrawAtAll() throws InterruptedException {
    painter.failure = new IllegalArgumentException("strength: 2 (expected: none)");
    gateway.assign("a", assign -> assign.getPlanBuilder().setPromptTokens(1));
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();

    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_INVALID);
    assertThat(nack.getMessage()).isEqualTo("strength: 2 (expected: none)");
    assertThat(gateway.downloads).hasValue(0);
  }

  @Test
  void outlivesAQuestionThatTripsIt() throws InterruptedException {
    painter.failure = new IllegalStateException("a mistake of ours");
    assertThat(ask(Plan.newBuilder())).isEqualTo(PlanResult.newBuilder().setId(7).build());

    painter.failure = null;
    assertThat(ask(Plan.newBuilder().setPromptTokens(1)).getNeededBytes()).isEqualTo(32);
    assertThat(gateway.attachments).hasValue(1);
  }
}
