package dev.fluxgate.denoiser.transformer.flux2;

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

class Flux2ParamsTest {
  @TempDir private Path folder;

  @Test
  void takesWhatAConfigurationLeavesOutFromDev() throws IOException {
    Flux2Params dev = Flux2Params.of(config("{}"));

    assertThat(dev.width()).isEqualTo(6144);
    assertThat(dev.mlpWidth()).isEqualTo(18432);
    assertThat(dev.outChannels()).isEqualTo(128);
    assertThat(dev.guidanceEmbeds()).isTrue();
    assertThat(dev.ropeAxes()).containsExactly(32, 32, 32, 32);
  }

  @Test
  void multipliesOutputChannelsByThePatch() throws IOException {
    assertThat(Flux2Params.of(config("{\"in_channels\": 8, \"patch_size\": 2}")).outChannels())
        .isEqualTo(32);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"num_attention_heads\": 0} | num_attention_heads: 0 (expected: a number in 1..32768)",
        "{\"num_layers\": -1} | num_layers: -1 (expected: a number in 0..32768)",
        "{\"in_channels\": 1000000} | in_channels: 1000000 (expected: a number in 1..32768)",
        "{\"axes_dims_rope\": [32, 32, 32]} | axes_dims_rope: [32,32,32] (expected: four even",
        "{\"axes_dims_rope\": [31, 33, 32, 32]} | (expected: four even numbers that add up",
        "{\"attention_head_dim\": 64} | axes_dims_rope",
        "{\"timestep_guidance_channels\": 7} | timestep_guidance_channels: 7 (expected: an even",
        "{\"mlp_ratio\": -3} | mlp_ratio: -3 (expected: a number above 0",
        "{\"eps\": \"small\"} | eps: \"small\" (expected: a finite number)",
      })
  void refusesAConfigurationThatCannotBe(String json, String message) throws IOException {
    ConfigJson config = config(json);

    assertThatThrownBy(() -> Flux2Params.of(config))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(folder.resolve("config.json") + ": ")
        .hasMessageContaining(message);
  }

  private ConfigJson config(String json) throws IOException {
    return ConfigJson.read(Files.writeString(folder.resolve("config.json"), json));
  }
}
