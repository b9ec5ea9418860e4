package dev.fluxgate.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every mistake that is seeded into a kernel is found. */
@NeedsTools
final class MutationTest {
  @Test
  void isFound(@TempDir Path folder) throws Exception {
    EmulatorProgram mutate = EmulatorProgram.run(folder.resolve("log"), "mutate", "--table");

    assertThat(mutate.exitCode()).as(mutate.text()).isZero();
    assertThat(mutate.text()).doesNotContain("NOT by");
    Mutation.assertIsTableOfAll(mutate.lines());
    int count = Mutation.all().size();
    assertThat(mutate.lines().getLast()).isEqualTo(count + " of " + count + " found");
  }
}
