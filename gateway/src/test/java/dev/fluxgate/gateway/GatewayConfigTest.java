package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.gateway.upsample.ChatEndpoint;
import dev.fluxgate.gateway.worker.LeaseTimes;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayConfigTest {
  private final GatewayConfig standard = GatewayConfig.standard("0.0.0.0", 50_050, "encoder:50051");

  @ParameterizedTest
  @ValueSource(ints = {-1, 65_536, Integer.MIN_VALUE})
  void refusesPortsThatAreNone(int port) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GatewayConfig.standard("h", port, "encoder:1"))
        .withMessage("grpcPort: " + port + " (expected: 0..65535)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> standard.withHttpPort(port))
        .withMessage("httpPort: " + port + " (expected: 0..65535)");
  }

  @Test
  void takesEveryPort() {
    assertThat(GatewayConfig.standard("h", 65_535, "e:1").addresses().grpcPort()).isEqualTo(65_535);
    assertThat(standard.withHttpPort(0).addresses().httpPort()).isZero();
    assertThat(standard.addresses().httpPort()).isNull();
  }

  @Test
  void refusesToBeWithoutAnEncoder() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GatewayConfig.standard("h", 1))
        .withMessage("encoders: none (expected: at least 1)");
  }

  @Test
  void refusesACacheThatHoldsNoEmbedding() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(new GatewayConfig.Memory(67_108_863, 1, 1, ""), standard.queue()))
        .withMessage("embeddingCacheBytes: 67108863 (expected: at least 67108864)");
  }

  @Test
  void refusesAQueueOfNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> with(standard.memory(), new GatewayConfig.Queue(0, 1, Duration.ofHours(1))))
        .withMessage("queue.jobs: 0 (expected: at least 1)");
  }

  @Test
  void refusesALeaseThatEndsBeforeItIsRenewed() {
    Duration five = Duration.ofSeconds(5);

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new GatewayConfig(
                standard.addresses(),
                standard.encoders(),
                null,
                standard.memory(),
                standard.queue(),
                standard.encoderCalls(),
                new LeaseTimes(five, five, five, five),
                standard.retries(),
                null))
        .withMessage("lease: PT5S (expected: longer than the heartbeat of PT5S)");
  }

  @Test
  void changesNothingButWhatIsAskedFor() {
    ChatEndpoint chat =
        new ChatEndpoint(URI.create("https://chat.example/v1"), "m", null, Duration.ofSeconds(9));
    GatewayConfig all =
        standard.withHttpPort(8080).withData(Path.of("data")).withUpsampler(chat).withoutRetries();

    assertThat(all.addresses()).isEqualTo(new GatewayConfig.Addresses("0.0.0.0", 50_050, 8080));
    assertThat(all.data()).isEqualTo(Path.of("data"));
    assertThat(all.memory().imageBytes()).isEqualTo(8L << 30);
    assertThat(all.memory().embeddingCacheBytes())
        .isEqualTo(standard.memory().embeddingCacheBytes());
    assertThat(all.upsampler()).isEqualTo(chat);
    assertThat(all.encoders()).isEqualTo(standard.encoders());
    assertThat(all.queue()).isEqualTo(standard.queue());
    assertThat(all.leases()).isEqualTo(standard.leases());
    assertThat(all.withUpsampler(null).upsampler()).isNull();
  }

  @Test
  void triesNothingAgainWithoutRetries() {
    GatewayConfig once = standard.withoutRetries();

    assertThat(once.encoderCalls().policy().attempts()).isOne();
    assertThat(once.encoderCalls().isPatient()).isFalse();
    assertThat(once.retries().maxAttempts()).isOne();
    assertThat(standard.encoderCalls().isPatient()).isTrue();
  }

  @Test
  void keepsItsEncodersWhateverBecomesOfTheList() {
    List<String> encoders = new ArrayList<>(List.of("a:1", "b:2"));
    GatewayConfig config =
        new GatewayConfig(
            standard.addresses(),
            encoders,
            null,
            standard.memory(),
            standard.queue(),
            standard.encoderCalls(),
            standard.leases(),
            standard.retries(),
            null);

    encoders.clear();

    assertThat(config.encoders()).containsExactly("a:1", "b:2");
  }

  private void with(GatewayConfig.Memory memory, GatewayConfig.Queue queue) {
    new GatewayConfig(
        standard.addresses(),
        standard.encoders(),
        null,
        memory,
        queue,
        standard.encoderCalls(),
        standard.leases(),
        standard.retries(),
        null);
  }
}
