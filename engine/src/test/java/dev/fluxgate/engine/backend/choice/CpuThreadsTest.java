package dev.fluxgate.engine.backend.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CpuThreadsTest {
  @Test
  void takesTheSetting() {
    assertThat(CpuThreads.configured(" 3 ")).isEqualTo(3);
  }

  @Test
  void takesNoMoreThanTheProcessMayUse() {
    assertThat(CpuThreads.configured(null))
        .isBetween(1, Runtime.getRuntime().availableProcessors());
    assertThat(CpuThreads.configured("")).isEqualTo(CpuThreads.configured(null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "two", "1.5", "99999"})
  void refusesWhatIsNoNumberOfThreads(String setting) {
    assertThatThrownBy(() -> CpuThreads.configured(setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("FLUXGATE_THREADS: " + setting + " (expected: 1..9999)");
  }

  @Test
  void countsTwoThreadsOfACoreOnce(@TempDir Path processors) throws IOException {
    for (int i = 0; i < 4; i++) {
      Path topology = Files.createDirectories(processors.resolve("cpu" + i + "/topology"));
      Files.writeString(topology.resolve("thread_siblings_list"), i % 2 + "," + (i % 2 + 2));
    }
    assertThat(CpuThreads.physicalCores(processors)).isEqualTo(2);
  }

  @Test
  void setsNoLimitWhereNothingIsTold(@TempDir Path processors) {
    assertThat(CpuThreads.physicalCores(processors)).isEqualTo(Integer.MAX_VALUE);
    assertThat(CpuThreads.physicalCores(processors.resolve("none"))).isEqualTo(Integer.MAX_VALUE);
  }
}
