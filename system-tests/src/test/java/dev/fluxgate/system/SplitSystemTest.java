package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.v1.GenerationParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the other tests stand on: three processes, told from each other and from this one. */
class SplitSystemTest {
  private static final int STEPS = 1000;

  @TempDir private Path folder;

  @Test
  void tellsTheLastWordsOfOneThatDoesNotStart() {
    assertThatThrownBy(() -> SplitSystem.start(folder.resolve("none"), DType.F32))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not ready, encoder ended with exit code 1:")
        .hasMessageContaining("fluxgate encoder: ");
  }

  @Test
  void endsTheOthersWhereOneDoesNotStart() {
    Set<ProcessHandle> before = children();

    assertThatThrownBy(() -> SplitSystem.start(SplitSystem.TOY, DType.F32, "--data", "/dev/null"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not ready, gateway ended with exit code ");

    assertThat(children()).isEqualTo(before);
  }

  @Test
  void waitsForNoPictureOfAWorkerThatIsGone() throws IOException, InterruptedException {
    Set<ProcessHandle> before = children();
    try (SplitSystem system = SplitSystem.start(SplitSystem.TOY, DType.F32)) {
      assertThat(children()).containsAll(system.processes());
      boolean _ = system.processes().getFirst().destroyForcibly();

      assertThatThrownBy(() ->
              system.run(
                  GenerationParameters.newBuilder()
                      .setPrompt("a red circle")
                      .setNumInferenceSteps(STEPS)
                      .build()))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("denoiser ended with exit code 137:");
    }
    assertThat(children()).isEqualTo(before);
  }

  private static Set<ProcessHandle> children() {
    return ProcessHandle.current().children().collect(Collectors.toSet());
  }
}
