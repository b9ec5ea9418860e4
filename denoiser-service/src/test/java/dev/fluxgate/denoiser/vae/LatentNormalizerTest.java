package dev.fluxgate.denoiser.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatentNormalizerTest {
  @TempDir private Path folder;

  @Test
  void scalesThereAndBack() throws IOException {
    LatentNormalizer normalizer = scaled("{\"scaling_factor\": 0.5, \"shift_factor\": 2}");
    HostTensor latents = HostTensor.of(DType.BF16, Shape.of(1, 2, 1, 1), 4, -6);

    HostTensor normalised = normalizer.normalize(latents);

    assertThat(normalised.toFloats()).containsExactly(1, -4);
    assertThat(normalizer.denormalize(normalised).toFloats()).containsExactly(4, -6);
  }

  @Test
  void takesTheReleasedNumbersWhereThereAreNone() throws IOException {
    HostTensor ones = HostTensor.of(DType.BF16, Shape.of(1, 1, 1, 1), 1);
    float shifted = DType.BF16.round(1 - 0.1159f);

    assertThat(scaled("{}").normalize(ones).get(0)).isEqualTo(DType.BF16.round(shifted * 0.3611f));
  }

  @Test
  void refusesAScaleThatHasNoWayBack() {
    assertThatThrownBy(() -> scaled("{\"scaling_factor\": 0}"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("scaling_factor");
  }

  private LatentNormalizer scaled(String json) throws IOException {
    return LatentNormalizer.scaled(
        ConfigJson.read(Files.writeString(folder.resolve("config.json"), json)), DType.BF16);
  }
}
