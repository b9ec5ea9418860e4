package dev.fluxgate.encoder.upsample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.image.RgbImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureBoardTest {

  @Test
  void picturesStandSideBySideOnWhiteHalfWayDown() {
    RgbImage board =
        PictureBoard.of(List.of(new RgbImage(1, 4, new byte[12]), new RgbImage(2, 1, new byte[6])));
    assertThat(board.width()).isEqualTo(3);
    assertThat(board.height()).isEqualTo(4);
    assertThat(board.level(0, 3, 0)).isZero();
    assertThat(board.level(1, 0, 0)).isEqualTo(255);
    assertThat(board.level(2, 1, 2)).isZero();
    assertThat(board.level(2, 2, 1)).isEqualTo(255);
  }

  @Test
  void aBoardIsShrunkToWhatTheModelIsShown() {
    RgbImage wide = new RgbImage(1000, 800, new byte[2_400_000]);
    RgbImage board = PictureBoard.of(List.of(wide, wide));
    assertThat(board.width()).isEqualTo(1214);
    assertThat(board.height()).isEqualTo(485);
  }

  @Test
  void aBoardBeyondMemoryIsRefusedBeforeItIsMade() {
    RgbImage wide = new RgbImage(1 << 16, 1, new byte[3 << 16]);
    RgbImage tall = new RgbImage(1, 1 << 16, new byte[3 << 16]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PictureBoard.of(List.of(wide, tall)))
        .withMessage("images: 65537 x 65536 side by side (expected: at most 134217728 pixels)");
  }
}
