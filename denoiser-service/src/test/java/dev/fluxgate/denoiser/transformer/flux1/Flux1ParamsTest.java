package dev.fluxgate.denoiser.transformer.flux1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Flux1ParamsTest {
  @TempDir private Path folder;

  @Test
  void takesWhatAConfigurationLeavesOutFromSchnell() throws IOException {
    Flux1Params schnell = Flux1Params.of(config("{}"));

    assertThat(schnell.width()).isEqualTo(3072);
    assertThat(schnell.mlpWidth()).isEqualTo(12288);
    assertThat(schnell.outChannels()).isEqualTo(64);
    assertThat(schnell.doubleBlocks()).isEqualTo(19);
    assertThat(schnell.singleBlocks()).isEqualTo(38);
    assertThat(schnell.promptWidth()).isEqualTo(4096);
    assertThat(schnell.pooledWidth()).isEqualTo(768);
    assertThat(schnell.guidanceEmbeds()).isFalse();
    assertThat(schnell.ropeAxes()).containsExactly(16, 56, 56);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"_class_name\": \"Flux2Transformer2DModel\"} | (expected: \"FluxTransformer2DModel\")",
        "{\"num_attention_heads\": 0} | num_attention_heads: 0 (expected: a number in 1..32768)",
        "{\"num_layers\": -1} | num_layers: -1 (expected: a number in 0..32768)",
        "{\"pooled_projection_dim\": 0} | pooled_projection_dim: 0 (expected: a number in 1..3",
        "{\"in_channels\": 1000000} | in_channels: 1000000 (expected: a number in 1..32768)",
        "{\"axes_dims_rope\": [64, 64]} | axes_dims_rope: [64,64] (expected: three even",
        "{\"axes_dims_rope\": [15, 57, 56]} | (expected: three even numbers that add up",
        "{\"attention_head_dim\": 64} | axes_dims_rope",
        "{\"guidance_embeds\": 1} | guidance_embeds: 1 (expected: true or false)",
      })
  void refusesAConfigurationThatCannotBe(String json, String message) throws IOException {
    ConfigJson config = config(json);

    assertThatThrownBy(() -> Flux1Params.of(config))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(folder.resolve("config.json") + ": ")
        .hasMessageContaining(message);
  }

  private ConfigJson config(String json) throws IOException {
    return ConfigJson.read(Files.writeString(folder.resolve("config.json"), json));
  }
}
