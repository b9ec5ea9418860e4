package dev.fluxgate.image.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;
import dev.fluxgate.image.RgbImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreparationTest {

  @Test
  void refusesReferencesThatAreSmallOrNarrow() {
    ReferencePicture.check("image 1", 64, 512);

    assertThatThrownBy(() -> ReferencePicture.check("image 1", 1, 1))
        .hasMessage("image 1: 1 x 1 (expected: at least 64 pixels each way)");
    assertThatThrownBy(() -> ReferencePicture.check("image 2", 513, 64))
        .hasMessage("image 2: 513 x 64 (expected: sides of at most 8 to 1)");
  }

  @Test
  void cropsTheMiddleToWholeTokens() {
    RgbImage prepared = ReferencePicture.prepare(columns(37, 33), 16);

    assertThat(prepared.width()).isEqualTo(32);
    assertThat(prepared.height()).isEqualTo(32);
    assertThat(prepared.level(0, 0, 0)).isEqualTo(2);
    assertThatThrownBy(() -> ReferencePicture.prepare(columns(15, 64), 16))
        .hasMessage("size: 0 x 64 (expected: at least 1 x 1)");
  }

  @Test
  void scalesLargePicturesDownAndNoneUp() {
    assertThat(ReferencePicture.capArea(columns(40, 10), 100)).hasToString("Picture[GREY 20 x 5]");
    assertThat(ReferencePicture.capArea(columns(10, 10), 100)).hasToString("Picture[GREY 10 x 10]");
    assertThat(ReferencePicture.cappedSize(100_000, 60_000, 1 << 20))
        .isEqualTo(new ReferencePicture.Size(1321, 793));
  }

  @Test
  void refusesACropBeyondThePicture() {
    assertThatThrownBy(() -> PictureFit.CROP.apply(columns(8, 8), 9, 8))
        .hasMessageStartingWith("crop: 9 x 8 at (0, 0) (expected: inside 8 x 8)");
    assertThatThrownBy(() -> PictureFit.STRETCH.apply(columns(8, 8), 0, 8))
        .hasMessage("size: 0 x 8 (expected: at least 1 x 1)");
    assertThatThrownBy(() -> PictureFit.FILL.apply(columns(1, 600), 4, 4))
        .hasMessage("size: 0 x 4 (expected: at least 1 x 1)");
  }

  @Test
  void coversASizeWithItsMiddle() {
    RgbImage narrow = PictureFit.COVER.apply(columns(8, 4), 4, 4);
    assertThat(narrow.level(0, 0, 0)).isEqualTo(columns(8, 4).toRgb().level(2, 0, 0));
    assertThat(narrow.level(3, 3, 0)).isEqualTo(columns(8, 4).toRgb().level(5, 3, 0));

    RgbImage low = PictureFit.COVER.apply(columns(4, 8), 4, 2);
    assertThat(low.rgb()).isEqualTo(columns(4, 2).toRgb().rgb());
    assertThatThrownBy(() -> PictureFit.COVER.apply(columns(4, 8), 4, 0))
        .hasMessage("size: 4 x 0 (expected: at least 1 x 1)");
  }

  @Test
  void fillsUpWithItsEdges() {
    Picture flat = Picture.of(Mode.GREY, 2, 2, new byte[] {9, 9, 9, 9});

    RgbImage wide = PictureFit.FILL.apply(flat, 8, 4);

    assertThat(wide.rgb()).hasSize(3 * 8 * 4).containsOnly(9);
  }

  @Test
  void joinsPicturesOnWhite() {
    Picture small = Picture.of(Mode.GREY, 1, 1, new byte[] {7});
    Picture high = Picture.of(Mode.GREY, 1, 3, new byte[] {1, 2, 3});

    RgbImage row = PictureRow.join(List.of(small, high));

    assertThat(row.width()).isEqualTo(2);
    assertThat(List.of(row.level(0, 0, 0), row.level(0, 1, 0), row.level(0, 2, 0)))
        .containsExactly(255, 7, 255);
    assertThat(row.level(1, 2, 2)).isEqualTo(3);
    assertThatThrownBy(() -> PictureRow.join(List.of()))
        .hasMessage("pictures: none (expected: at least one)");
  }

  @Test
  void widensTheRegionOfAMaskInsideIt() {
    byte[] levels = new byte[20 * 10];
    levels[3 * 20 + 18] = 1;
    Picture mask = Picture.of(Mode.GREY, 20, 10, levels);

    assertThat(CropRegion.of(mask, 64, 64, 0)).isEqualTo(new CropRegion(18, 3, 19, 4));
    assertThat(CropRegion.of(mask, 64, 64, 2)).isEqualTo(new CropRegion(15, 1, 20, 6));
    assertThat(CropRegion.of(mask, 64, 32, 3).of(mask).width()).isEqualTo(14);
    assertThatThrownBy(() -> CropRegion.of(columns(1, 1), 64, 64, 0))
        .hasMessageStartingWith("mask: all black (expected: ");
    assertThatThrownBy(() -> CropRegion.of(mask, 64, 64, -1))
        .hasMessage("padding: -1 (expected: at least 0)");
    assertThatThrownBy(() -> new CropRegion(3, 0, 3, 1)).hasMessageStartingWith("region: ");
  }

  @Test
  void makesAMaskOfZeroAndOneAndThenLessOfIt() {
    Picture picture = Picture.of(Mode.GREY, 4, 2, new byte[] {0, 127, -128, -1, 0, 0, -1, -1});

    InpaintMask mask = InpaintMask.of(picture, 4, 2);

    assertThat(mask.values()).containsExactly(0, 0, 1, 1, 0, 0, 1, 1);
    assertThat(mask.resized(2, 1)).containsExactly(0, 1);
    assertThat(mask.resized(3, 1)).containsExactly(0, 0.5f, 1);
  }

  @Test
  void roundsPicturesForTheVisionEncoderToPatches() {
    assertThat(VisionSize.of(1024, 683, 1540, 28)).isEqualTo(new VisionSize(1036, 700));
    assertThat(VisionSize.of(1, 100_000, 1540, 28)).isEqualTo(new VisionSize(28, 1540));
  }

  /** Every row is 0, 1, 2. */
  private static Picture columns(int width, int height) {
    byte[] levels = new byte[width * height];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) (i % width);
    }
    return Picture.of(Mode.GREY, width, height, levels);
  }
}
