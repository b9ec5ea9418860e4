package dev.fluxgate.denoiser.preview;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.latent.LatentGrid;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SmallLatentsTest {

  @Test
  void keepsTheTokensOfASmallPictureAndJoinsThoseOfALargeOne() {
    assertThat(SmallLatents.gridOf(new LatentGrid(8, 16))).isEqualTo(new LatentGrid(8, 16));
    assertThat(SmallLatents.gridOf(new LatentGrid(64, 64))).isEqualTo(new LatentGrid(16, 16));
    assertThat(SmallLatents.gridOf(new LatentGrid(17, 3))).isEqualTo(new LatentGrid(8, 1));
    assertThat(SmallLatents.gridOf(new LatentGrid(1, 4096))).isEqualTo(new LatentGrid(1, 16));
  }

  @Test
  void takesTheMeanOfTheLatentPixelsOfAToken() {
    LatentGrid tokens = new LatentGrid(1, 2);
    SmallLatents small = SmallLatents.of(new float[] {1, 2, 3, 6, 5, 5, 5, 9}, tokens);
    assertThat(small.channels()).isEqualTo(1);
    assertThat(small.mean(0, 0)).isEqualTo(3);
    assertThat(small.mean(1, 0)).isEqualTo(6);
  }

  @Test
  void leavesNoTokenOutWhereBlocksDoNotDivideThePicture() {
    LatentGrid tokens = new LatentGrid(1, 17);
    float[] latents = new float[17 * 4];
    Arrays.fill(latents, 16 * 4, 17 * 4, 18);

    SmallLatents small = SmallLatents.of(latents, tokens);

    assertThat(small.grid()).isEqualTo(new LatentGrid(1, 8));
    assertThat(small.mean(6, 0)).isZero();
    assertThat(small.mean(7, 0)).as("the last two of 17 tokens").isEqualTo(9);
  }
}
