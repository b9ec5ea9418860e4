package dev.fluxgate.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ChildTest {
  @Test
  void keepsAComplaintThatTheLogOutlives() throws Exception {
    assertThat(
            lastWords(
                "echo 'fluxgate gateway: address: taken' >&2; echo 'INFO not there yet' >&2;"
                    + " exit 1"))
        .isEqualTo("address: taken");
  }

  @Test
  void fallsBackOnTheLastLine() throws Exception {
    assertThat(lastWords("echo first >&2; echo 'killed by the kernel' >&2; exit 1"))
        .isEqualTo("killed by the kernel");
  }

  private static String lastWords(String script) throws InterruptedException {
    List<String> log = new CopyOnWriteArrayList<>();
    Child child = Child.start(List.of("sh", "-c", script), log::add);
    assertThat(child.awaitEnd()).isEqualTo(1);
    assertThat(log).hasSize(2);
    return child.lastWords();
  }
}
