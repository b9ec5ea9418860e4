package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalSystemTest {
  private static final Pattern OURS =
      Pattern.compile("denoiser-|encoder-|gateway-|worker-|fluxgate-cpu-|grpc-call");

  @TempDir private Path folder;

  /** The transformer is opened last, when encoder and gateway are running. */
  @Test
  void closesEverythingIfTheLastPartFails() throws InterruptedException {
    Path model = ToyFolder.with(folder, ToyFolder.TRANSFORMER, ToyFolder::truncated);

    startAndFail(model);

    assertThat(threads()).isEmpty();
  }

  @Test
  void endsItsThreadsWhenClosed() throws InterruptedException {
    startAndClose();

    assertThat(threads()).isEmpty();
  }

  private static void startAndFail(Path model) {
    assertThatThrownBy(() -> LocalSystem.start(model, DType.BF16, "auto"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(ToyFolder.TRANSFORMER);
  }

  private static void startAndClose() throws InterruptedException {
    try (LocalSystem system = LocalSystem.start(ToyFolder.MODEL, DType.BF16, "auto");
        ImageGenerationClient client = ImageGenerationClient.dial(system.target())) {
      assertThat(client).isNotNull();
      assertThat(threads()).isNotEmpty();
    }
  }

  /** Those that our parts start; gRPC and the JVM keep theirs for whoever comes next. */
  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> OURS.matcher(name).lookingAt())
        .collect(Collectors.toSet());
  }
}
