package dev.fluxgate.encoder.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fluxgate.engine.checkpoint.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationDefaultsTest {
  @TempDir private Path folder;

  @BeforeEach
  void model() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"text_config\":{\"eos_token_id\":2}}");
  }

  @Test
  void aSilentCheckpointMeansFiftyCandidates() throws IOException {
    generation("{\"eos_token_id\":[2,7]}");
    assertThat(GenerationDefaults.read(folder))
        .isEqualTo(new GenerationDefaults(new Sampling(1, 50, 1), 0, Set.of(2, 7)));
  }

  @Test
  void withoutTheFileTheModelTellsTheEndToken() {
    assertThat(GenerationDefaults.read(folder).endTokens()).containsExactly(2);
  }

  @Test
  void theCheckpointsOwnNumbersCount() throws IOException {
    generation("{\"eos_token_id\":2,\"temperature\":0.6,\"top_k\":20,\"top_p\":0.95}");
    assertThat(GenerationDefaults.read(folder).sampling()).isEqualTo(new Sampling(0.6f, 20, 0.95f));
  }

  @Test
  void aWayOfChoosingThatIsNotBuiltIsRefusedByName() throws IOException {
    generation("{\"eos_token_id\":2,\"repetition_penalty\":1.1}");
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> GenerationDefaults.read(folder))
        .withMessageContaining("repetition_penalty: 1.1");
  }

  private void generation(String json) throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), json);
  }
}
