package dev.fluxgate.encoder.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.encoder.testing.ServedEncoder;
import dev.fluxgate.encoder.token.TokenizerFormatException;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.checkpoint.MissingWeightException;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of FLUX.1, whole and broken. */
class EncoderModelTest {
  private final Backend backend = new ReferenceBackend();

  @TempDir Path folder;

  @BeforeEach
  void copy() throws IOException {
    Path source = ServedEncoder.folder("model_flux1_dev");
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(source.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void hashesCoverBothEncodersAndBothTokenizers() throws IOException {
    EncoderModel.Identity whole = identity();
    for (String component : List.of("text_encoder", "text_encoder_2")) {
      append(component + "/config.json");
      assertThat(identity().modelHash()).as(component).isNotEqualTo(whole.modelHash());
      assertThat(identity().tokenizerHash()).isEqualTo(whole.tokenizerHash());
      copyBack(component + "/config.json");
    }
    for (String component : List.of("tokenizer", "tokenizer_2")) {
      append(component + "/tokenizer_config.json");
      assertThat(identity().tokenizerHash()).as(component).isNotEqualTo(whole.tokenizerHash());
      assertThat(identity().modelHash()).isEqualTo(whole.modelHash());
      copyBack(component + "/tokenizer_config.json");
    }
    assertThat(identity()).isEqualTo(whole);
  }

  @Test
  void namesTheComponentThatIsMissing() throws IOException {
    Files.delete(folder.resolve("tokenizer_2/tokenizer.json"));
    assertThatThrownBy(this::identity)
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageContaining("tokenizer_2")
        .hasMessageContaining("tokenizer.json: cannot be read");
    Files.delete(folder.resolve("text_encoder_2/config.json"));
    assertThatThrownBy(this::identity)
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("text_encoder_2")
        .hasMessageContaining("config.json: no such file");
    Files.delete(folder.resolve("text_encoder_2/model.safetensors"));
    Files.delete(folder.resolve("text_encoder_2"));
    assertThatThrownBy(this::identity)
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("text_encoder_2: no such folder");
  }

  @Test
  void refusesATokenizerThatKnowsMoreTokensThanItsEncoder() throws IOException {
    Path config = folder.resolve("tokenizer_2/tokenizer_config.json");
    String more = "\"added_tokens_decoder\": {\"320\": {\"content\": \"<more>\"}}, \"pad_token\"";
    Files.writeString(config, Files.readString(config).replace("\"pad_token\"", more));
    assertThatThrownBy(this::identity)
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageEndingWith(
            "tokenizer_2: token id 320"
                + " (expected: below the 320 rows of the text encoder's embedding)");
  }

  @Test
  void aMissingWeightIsFoundBeforeThePromptThatNeedsIt() throws IOException {
    Path config = folder.resolve("text_encoder_2/config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"num_layers\": 2", "\"num_layers\": 3"));
    assertThatThrownBy(this::identity)
        .isInstanceOf(MissingWeightException.class)
        .hasMessageContaining("encoder.block.2.layer.0.layer_norm.weight");
  }

  private EncoderModel.Identity identity() {
    try (EncoderModel model =
        EncoderModel.load(ModelFolder.open(folder), backend, DType.F32, new ModelHash(null))) {
      return model.identity();
    }
  }

  private void append(String file) throws IOException {
    Files.writeString(folder.resolve(file), "\n", StandardOpenOption.APPEND);
  }

  private void copyBack(String file) throws IOException {
    Path source = ServedEncoder.folder("model_flux1_dev").resolve(file);
    Files.write(folder.resolve(file), Files.readAllBytes(source));
  }
}
