package dev.fluxgate.denoiser.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeParamsTest {
  @TempDir private Path folder;

  @Test
  void takesWhatAConfigurationLeavesOutFromTheReleasedModel() throws IOException {
    VaeParams params = VaeParams.of(config("{\"decoder_block_out_channels\": null}"));

    assertThat(params.encoderChannels()).containsExactly(128, 256, 512, 512);
    assertThat(params.decoderChannels()).containsExactly(128, 256, 512, 512);
    assertThat(params.latentChannels()).isEqualTo(32);
    assertThat(params.scale()).isEqualTo(8);
  }

  /** The stream, the doubled map and an operand, each of 256 channels in bfloat16. */
  @Test
  void decodesAMegapixelInTheMemoryOfItsLargestLevel() throws IOException {
    VaeParams params = VaeParams.of(config("{}"));

    long bytes =
        WorkspacePlan.bytes(plan ->
            assertThat(VaeActivations.decoding(plan, params, DType.BF16, 1, 128, 128)).isNotNull());

    long pixels = 1024 * 1024;
    long latent = 128 * 128 * 32 * 2;
    assertThat(bytes).isEqualTo(pixels * (3 * 256 * 2 + 3 * 2) + latent);
  }

  @Test
  void refusesAPictureSmallerThanALatentPixel() throws IOException {
    VaeParams params = VaeParams.of(config("{}"));

    assertThatThrownBy(
            () -> VaeActivations.encoding(new WorkspacePlan(), params, DType.F32, 1, 7, 64))
        .hasMessage("picture: 64 x 7 (expected: at least 8 each way)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"patch_size\": [1, 1]} | patch_size: [1,1] (expected: [2, 2])",
        "{\"act_fn\": \"gelu\"} | act_fn: \"gelu\" (expected: \"silu\")",
        "{\"norm_num_groups\": 48} | multiples of norm_num_groups, 48",
        "{\"block_out_channels\": []} | block_out_channels: [] (expected: 1 to 8 multiples",
        "{\"decoder_block_out_channels\": [32]} | decoder_block_out_channels: [32] (expected: 4",
        "{\"layers_per_block\": 0} | layers_per_block: 0 (expected: a number in 1..32768)",
      })
  void refusesAConfigurationThatCannotBe(String json, String message) throws IOException {
    ConfigJson config = config(json);

    assertThatThrownBy(() -> VaeParams.of(config))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(folder.resolve("config.json") + ": ")
        .hasMessageContaining(message);
  }

  private ConfigJson config(String json) throws IOException {
    return ConfigJson.read(Files.writeString(folder.resolve("config.json"), json));
  }
}
