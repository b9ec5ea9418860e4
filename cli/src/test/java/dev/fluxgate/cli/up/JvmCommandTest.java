package dev.fluxgate.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmCommandTest {
  @Test
  void startsChildrenAsTheParentWasStarted() {
    assertThat(
            JvmCommand.inherited(
                List.of(
                    "--add-modules=jdk.incubator.vector",
                    "-XX:AOTCache=start.aot",
                    "-XX:AOTCacheOutput=start.aot.new",
                    "-Dfluxgate.root=here",
                    "-Dfluxgate.stderr=3",
                    "-Dfluxgate.terminal=true",
                    "-Dfluxgate.terminal.stdout=true",
                    "-agentlib:jdwp=transport=dt_socket",
                    "-XX:+UseSerialGC",
                    "-Xmx1g")))
        .containsExactly(
            "--add-modules=jdk.incubator.vector",
            "-XX:AOTCache=start.aot",
            "-Dfluxgate.root=here",
            "-Xmx1g");
    assertThat(JvmCommand.running("Main", List.of("encoder")))
        .containsSubsequence("-cp", System.getProperty("java.class.path"), "Main", "encoder");
  }

  @Test
  void collectsGarbageBesideTheWorkOfAGatewayAlone() {
    assertThat(JvmCommand.running("Main", List.of("gateway")))
        .contains("-XX:+UseG1GC")
        .doesNotContain("-XX:+UseSerialGC");
    assertThat(JvmCommand.running("Main", List.of("denoiser")))
        .contains("-XX:+UseSerialGC")
        .doesNotContain("-XX:+UseG1GC");
  }

  @Test
  void waitsLongerEachTimeUntilOneLives() {
    Backoff backoff = new Backoff();
    Duration moment = Duration.ofSeconds(1);

    assertThat(List.of(backoff.after(moment), backoff.after(moment), backoff.after(moment)))
        .containsExactly(Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800));
    for (int i = 0; i < 10; i++) {
      backoff.after(moment);
    }
    assertThat(backoff.after(moment)).isEqualTo(Duration.ofSeconds(10));
    assertThat(backoff.after(Duration.ofSeconds(30))).isEqualTo(Duration.ofMillis(200));
    assertThat(backoff.after(moment)).isEqualTo(Duration.ofMillis(400));
  }

  @Test
  void namesEveryServiceAndWhereItIs() {
    var all =
        new ServiceCommands(
                List.of("--model", "toy"),
                List.of("--supervised"),
                List.of("--http-port", "1"),
                "127.0.0.1:2",
                3,
                2)
            .all();

    assertThat(all.keySet()).containsExactly("encoder", "gateway", "denoiser-0", "denoiser-1");
    assertThat(all.get("encoder")).containsSubsequence("--grpc-port", "3", "--model", "toy");
    assertThat(all.get("gateway")).containsSubsequence("--encoder", "127.0.0.1:3", "--http-port");
    assertThat(all.get("denoiser-1"))
        .containsSubsequence("--gateway", "127.0.0.1:2", "--worker-id", "denoiser-1", "--model");
    assertThat(all.values()).allSatisfy(each -> assertThat(each).endsWith("--supervised"));
  }
}
