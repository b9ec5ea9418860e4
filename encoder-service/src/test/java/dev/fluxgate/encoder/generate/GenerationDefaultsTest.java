package dev.fluxgate.encoder.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.engine.checkpoint.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"top_k\":-1} | top_k: -1 (expected: at least 0)",
        "{\"top_p\":0} | top_p: 0 (expected: above 0, at most 1)",
        "{\"top_p\":1.5} | top_p: 1.5 (expected: above 0, at most 1)",
        "{\"temperature\":-0.5} | temperature: -0.5 (expected: at least 0)",
        "{\"num_beams\":4} | num_beams: 4 (expected: 1.0)",
        "{\"min_p\":0.1} | min_p: 0.1 (expected: 0.0)",
        "{\"typical_p\":0.9} | typical_p: 0.9 (expected: 1.0)",
        "{\"top_k\":\"many\"} | top_k: \"many\"",
        "{\"eos_token_id\":\"end\"} | eos_token_id: \"end\"",
      })
  void refusesNumbersThatNothingCanBeDrawnBy(String json, String message) throws IOException {
    generation(json);
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> GenerationDefaults.read(folder))
        .withMessageContaining("generation_config.json")
        .withMessageContaining(message);
  }

  @Test
  void refusesAModelThatNeverEnds() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    generation("{}");
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> GenerationDefaults.read(folder))
        .withMessageContaining("eos_token_id: missing (expected: one id or several)");
  }

  @Test
  void anEndIsNotForbiddenForLessThanNothing() throws IOException {
    generation("{\"min_new_tokens\":-3}");
    assertThat(GenerationDefaults.read(folder).minNewTokens()).isZero();
    generation("{\"min_new_tokens\":3}");
    assertThat(GenerationDefaults.read(folder).minNewTokens()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 1", "Infinity, 0, 1", "NaN, 0, 1", "1, -1, 1", "1, 0, 0", "1, 0, 1.1"})
  void refusesASamplingThatIsNone(float temperature, int topK, float topP) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sampling(temperature, topK, topP))
        .withMessageContaining(" (expected: ");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-1, 1", "3, 2"})
  void refusesLengthsThatNoAnswerHas(int least, int most) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenerationSettings(Sampling.GREEDY, least, most, Set.of(2), 0))
        .withMessage(
            "new tokens: " + least + ".." + most + " (expected: 0 <= least <= most, most >= 1)");
  }

  private void generation(String json) throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), json);
  }
}
