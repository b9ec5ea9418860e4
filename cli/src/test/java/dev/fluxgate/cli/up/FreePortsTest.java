package dev.fluxgate.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  /** So many of twelve thousand that two would be alike if chance alone chose. */
  private static final int MANY = 1000;

  @Test
  void givesNoPortTwice() {
    FreePorts free = new FreePorts(20_000);

    List<Integer> picked = Stream.generate(free::pick).limit(MANY).toList();

    assertThat(picked).doesNotHaveDuplicates().doesNotContain(20_000);
  }
}
