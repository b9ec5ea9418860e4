package dev.fluxgate.gateway.upsample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatEndpointTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(ChatEndpoint.KEY_VARIABLE, " from-environment\n");

  @Test
  void theFileGoesBeforeTheEnvironment(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "from-file\n");
    assertThat(ChatEndpoint.key(file, ENVIRONMENT)).isEqualTo("from-file");
    assertThat(ChatEndpoint.key(null, ENVIRONMENT)).isEqualTo("from-environment");
    assertThat(ChatEndpoint.key(null, Map.of())).isNull();
  }

  @Test
  void aFileThatHoldsMoreThanAKeyIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "one\ntwo\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChatEndpoint.key(file, Map.of()))
        .withMessage("upsampler-key-file: 2 lines (expected: the key alone)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChatEndpoint.key(folder.resolve("none"), ENVIRONMENT))
        .withMessageContaining("expected: a file that can be read");
  }

  @Test
  void addressesWithSecretsAndStrangeSchemesAreRefusedWithoutRepeatingThem() {
    for (String url : new String[] {"ftp://host/v1", "https://me:pw@host", "https://host?key=pw"}) {
      assertThatIllegalArgumentException()
          .as(url)
          .isThrownBy(() -> endpoint(url, "key"))
          .withMessageStartingWith("upsampler-url: scheme ")
          .withMessageNotContaining("pw");
    }
  }

  @Test
  void theKeyIsInNoText() {
    assertThat(endpoint("https://host/v1", "sk-1")).hasToString("m at https://host");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("https://host/v1", "two words"))
        .withMessageNotContaining("two words");
  }

  private static ChatEndpoint endpoint(String url, String key) {
    return new ChatEndpoint(URI.create(url), "m", key, Duration.ofSeconds(1));
  }
}
