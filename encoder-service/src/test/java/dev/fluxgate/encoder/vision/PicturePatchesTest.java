package dev.fluxgate.encoder.vision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.encoder.model.DecoderLayer;
import dev.fluxgate.image.RgbImage;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PicturePatchesTest {
  private static final PixtralParams PARAMS =
      new PixtralParams(new DecoderLayer.Sizes(8, 8, 2, 2, 4), 1, 7, 112, 10_000, 2, 8, 1e-5f, 10);

  @Test
  void sidesAreRoundedUpToWholeCells() {
    PatchGrid grid = PicturePatches.of(grey(15, 14), PARAMS).grid();
    assertThat(grid).isEqualTo(new PatchGrid(1, 2, 2));
    assertThat(grid.patches()).isEqualTo(8);
  }

  @Test
  void aSideThatIsTooLongShortensBoth() {
    assertThat(PicturePatches.of(grey(224, 60), PARAMS).grid()).isEqualTo(new PatchGrid(3, 8, 2));
    assertThat(PicturePatches.of(grey(2000, 1), PARAMS).grid()).isEqualTo(new PatchGrid(1, 8, 2));
  }

  @Test
  void patchesStandAsInThePicture() {
    PatchGrid grid = new PatchGrid(1, 2, 2);
    assertThat(IntStream.range(0, 8).map(grid::row)).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
    assertThat(IntStream.range(0, 8).map(grid::column)).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
  }

  @Test
  void everyRowOfCellsEndsInABreakAndTheLastInAnEnd() {
    assertThat(PicturePatches.of(grey(28, 28), PARAMS).placeholder())
        .isEqualTo("[IMG][IMG][IMG_BREAK][IMG][IMG][IMG_END]");
  }

  @Test
  void anEvenPictureStaysEvenInAnySize() {
    RgbImage resized = TensorBicubic.resize(grey(31, 17), 14, 28);
    assertThat(resized.width()).isEqualTo(14);
    assertThat(resized.height()).isEqualTo(28);
    assertThat(resized.rgb()).containsOnly(100);
  }

  private static RgbImage grey(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 100);
    return new RgbImage(width, height, rgb);
  }
}
