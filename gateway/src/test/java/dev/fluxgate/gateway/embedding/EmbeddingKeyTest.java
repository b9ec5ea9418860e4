package dev.fluxgate.gateway.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EmbeddingKeyTest {
  private static final PromptSpec SPEC = new PromptSpec("a cat", null, 64, List.of(1, 2), false);

  @Test
  void changesWithEverythingThatChangesAnEmbedding() {
    List<EmbeddingKey> keys =
        Stream.of(
                key("m", "t", "v", "F32", "none", SPEC, ""),
                key("M", "t", "v", "F32", "none", SPEC, ""),
                key("m", "T", "v", "F32", "none", SPEC, ""),
                key("m", "t", "V", "F32", "none", SPEC, ""),
                key("m", "t", "v", "BF16", "none", SPEC, ""),
                key("m", "t", "v", "F32", "int8", SPEC, ""),
                key("m", "t", "v", "F32", "none", SPEC, "tenant"),
                key(
                    "m",
                    "t",
                    "v",
                    "F32",
                    "none",
                    new PromptSpec("a cat ", null, 64, List.of(1, 2), false),
                    ""),
                key(
                    "m",
                    "t",
                    "v",
                    "F32",
                    "none",
                    new PromptSpec("a cat", null, 65, List.of(1, 2), false),
                    ""),
                key(
                    "m",
                    "t",
                    "v",
                    "F32",
                    "none",
                    new PromptSpec("a cat", null, 64, List.of(12), false),
                    ""),
                key(
                    "m",
                    "t",
                    "v",
                    "F32",
                    "none",
                    new PromptSpec("a cat", null, 64, List.of(2, 1), false),
                    ""))
            .toList();

    assertThat(keys).doesNotHaveDuplicates();
    assertThat(key("m", "t", "v", "F32", "none", SPEC, "")).isEqualTo(keys.getFirst());
    assertThat(keys.getFirst().sha256()).hasSize(64);
  }

  @Test
  void tellsPartsApartThatRunTogether() {
    assertThat(key("ab", "c", "v", "F32", "none", SPEC, ""))
        .isNotEqualTo(key("a", "bc", "v", "F32", "none", SPEC, ""));
  }

  @Test
  void normalisesNothing() {
    PromptSpec composed = new PromptSpec("caf\u00e9", null, 64, List.of(1), false);
    PromptSpec decomposed = new PromptSpec("cafe\u0301", null, 64, List.of(1), false);

    assertThat(key("m", "t", "v", "F32", "none", composed, ""))
        .isNotEqualTo(key("m", "t", "v", "F32", "none", decomposed, ""));
  }

  private static EmbeddingKey key(
      String model,
      String tokenizer,
      String template,
      String dtype,
      String quantization,
      PromptSpec spec,
      String salt) {
    EncoderDescription.Identity identity =
        new EncoderDescription.Identity(model, tokenizer, template, dtype, quantization);
    return EmbeddingKey.of(
        new EncoderDescription("f", "a", identity, 64, 512, List.of(1), 3, 8, 100, false),
        spec,
        salt);
  }
}
