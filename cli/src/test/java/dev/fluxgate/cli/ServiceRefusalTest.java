package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.generate.ToyFolder;
import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Services that cannot start: one line, the right exit code. */
class ServiceRefusalTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "encoder  --grpc-port 70000      | --grpc-port: 70000 (expected: a port, 0..65535; 0 takes a free one)",
        "encoder  --host 0.0.0.0         | --host: 0.0.0.0 (expected: 127.0.0.1, ::1 or localhost; what others",
        "encoder  --host no.such.invalid | --host: no.such.invalid (expected: 127.0.0.1, ::1 or localhost;",
        "encoder  --max-batch 0          | --max-batch: 0 (expected: 1..1024)",
        "encoder  --dtype float16        | --dtype: float16 (expected: bfloat16 or float32)",
        "gateway  --host 192.0.2.1       | --host: 192.0.2.1 (expected: 127.0.0.1, ::1 or localhost;",
        "gateway  --encoder a,b          | --encoder: a (expected: HOST:PORT, such as 127.0.0.1:9090)",
        "gateway  --encoder a:0          | --encoder: a:0 (expected: HOST:PORT, such as 127.0.0.1:9090)",
        "gateway  --embedding-cache 1M   | --embedding-cache: 1048576 bytes (expected: at least 64M)",
        "gateway  --image-memory 1T      | --image-memory: 1T (expected: bytes, or a number with K, M or G",
        "denoiser --gateway http://a:1   | --gateway: http://a:1 (expected: HOST:PORT, such as",
        "denoiser --worker-id a/b        | --worker-id: a/b (expected: up to 100 letters, digits",
        "denoiser --drain -1             | --drain: -1 (expected: 0..86400)",
        "up       --denoisers 0          | --denoisers: 0 (expected: 1..64)",
        "up       --host ::              | --host: :: (expected: 127.0.0.1, ::1 or localhost;",
        "up       --supervised           | --supervised: no such option (expected: ",
      })
  void refusesAValue(String arguments, String complaint) {
    CommandLineRun run = CommandLineRun.of(arguments.strip().split(" +"));

    assertThat(run.err()).hasLineCount(1).contains(complaint);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void failsWherePortOrModelCannotBeHad() throws IOException {
    Path broken = ToyFolder.with(folder, ToyFolder.VAE, ToyFolder::truncated);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertFailed(CommandLineRun.of("encoder", "--grpc-port", port), "127.0.0.1:" + port);
      assertFailed(
          CommandLineRun.of("gateway", "--grpc-port", port, "--http-port", "0"),
          "127.0.0.1:" + port);
    }
    assertFailed(CommandLineRun.of("encoder", "--model", "nowhere"), "nowhere: no such folder");
    assertFailed(CommandLineRun.of("denoiser", "--model", broken.toString()), ToyFolder.VAE);
  }

  private static void assertFailed(CommandLineRun run, String complaint) {
    assertThat(run.err()).hasLineCount(1).contains(complaint);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).isEmpty();
  }
}
