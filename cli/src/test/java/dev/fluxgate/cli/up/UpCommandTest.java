package dev.fluxgate.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fluxgate.cli.CommandLineRun;
import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole system in processes of its own: started, hit, stopped. */
class UpCommandTest {
  private static final long PATIENCE_SECONDS = 60;

  @TempDir private Path folder;

  @BeforeEach
  void needsSignals() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")));
  }

  @Test
  void drawsReplacesWhoDiesAndStopsInOrder() throws Exception {
    try (UpProcess up = UpProcess.start("--http-port", "0", "--grpc-port", "0")) {
      up.awaitLine(line -> line.startsWith("denoiser-0 | attached to "));
      assertThat(up.readyLine()).matches("ready http://127\\.0\\.0\\.1:\\d+");
      String gateway = up.log().getLast().replaceFirst(".*attached to ([^ ]+) as .*", "$1");
      ProcessHandle worker = up.child("denoiser-0");

      boolean _ = worker.destroyForcibly();
      up.awaitLine(line ->
          line.equals("up | denoiser-0 ended, killed by signal 9; starting it again in 0.2 s"));
      up.awaitLine(line -> line.startsWith("denoiser-0 | attached to " + gateway));
      assertThat(up.child("denoiser-0").pid()).isNotEqualTo(worker.pid());
      assertDraws(gateway);

      List<ProcessHandle> children = up.children();
      assertThat(children).hasSize(3);
      up.terminate();
      assertThat(up.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(children).noneMatch(ProcessHandle::isAlive);
      assertThat(String.join("\n", up.log()))
          .doesNotContain(" | WARNING: Using incubator modules")
          .containsSubsequence(
              "up | stopping after SIGTERM", "denoiser-0 | ", "gateway | ", "encoder | ");
    }
  }

  @Test
  void endsItsChildrenEvenIfKilled() throws Exception {
    try (UpProcess up = UpProcess.start("--http-port", "0", "--grpc-port", "0")) {
      // With the encoder's own line the others need not have been started.
      assertThat(up.readyLine()).startsWith("ready ");
      List<ProcessHandle> children = up.children();
      assertThat(children).hasSize(3);

      up.kill();

      for (ProcessHandle child : children) {
        assertThat(child.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS).isAlive()).isFalse();
      }
    }
  }

  @Test
  void failsInOneLineWhereAServiceCannotStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        UpProcess up =
            UpProcess.start(
                "--http-port", "0", "--grpc-port", Integer.toString(taken.getLocalPort()))) {

      assertThat(up.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(up.log().getLast())
          .startsWith(
              "fluxgate up: gateway: address: 127.0.0.1:"
                  + taken.getLocalPort()
                  + " (expected: one that can be listened at");
      assertThat(up.children()).isEmpty();
      assertThat(up.readyLine()).isNull();
    }
  }

  private void assertDraws(String gateway) throws IOException {
    Path picture = folder.resolve("a.png");
    CommandLineRun run =
        CommandLineRun.of(
            "generate", "a", "--server", gateway, "--steps", "1", "--out", picture.toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(Files.size(picture)).isPositive();
  }
}
