package dev.fluxgate.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.image.Picture.Mode;
import org.junit.jupiter.api.Test;

class PictureTest {

  @Test
  void becomesColourWithoutBlending() {
    assertThat(Picture.of(Mode.GREY_ALPHA, 1, 1, new byte[] {7, 0}).toRgb().rgb())
        .containsExactly(7, 7, 7);
    assertThat(Picture.of(Mode.RGBA, 1, 1, new byte[] {1, 2, 3, 0}).toRgb().rgb())
        .containsExactly(1, 2, 3);
    assertThat(
            new Picture(Mode.PALETTE, 2, 1, new byte[] {0, 9}, new byte[] {4, 5, 6}).toRgb().rgb())
        .as("an index beyond the palette is black")
        .containsExactly(4, 5, 6, 0, 0, 0);
  }

  @Test
  void becomesGreyByTheWeightsOfTheReference() {
    byte[] rgb = {-1, 0, 0, 0, -1, 0, 0, 0, -1, 10, 20, 30};

    assertThat(Picture.of(Mode.RGB, 4, 1, rgb).toGrey().samples())
        .containsExactly(76, (byte) 150, 29, 18);
    Picture bilevel = Picture.of(Mode.BILEVEL, 2, 1, new byte[] {0, -1});
    assertThat(bilevel.toGrey()).isEqualTo(Picture.of(Mode.GREY, 2, 1, new byte[] {0, -1}));
  }

  @Test
  void isWhiteWhereItIsTransparent() {
    assertThat(Picture.of(Mode.GREY_ALPHA, 2, 1, new byte[] {7, 0, 7, -1}).transparency())
        .isEqualTo(Picture.of(Mode.GREY, 2, 1, new byte[] {-1, 0}));
    assertThat(Picture.of(Mode.RGBA, 1, 1, new byte[] {1, 2, 3, 100}).transparency().samples())
        .containsExactly((byte) 155);
    assertThatThrownBy(() -> Picture.of(Mode.GREY, 1, 1, new byte[1]).transparency())
        .hasMessage("alpha: none in GREY (expected: GREY_ALPHA or RGBA)");
  }

  @Test
  void refusesBytesThatAreNotThoseOfThePixels() {
    assertThatThrownBy(() -> Picture.of(Mode.RGB, 2, 2, new byte[11]))
        .hasMessage("samples: 11 bytes (expected: 12 for 2 x 2 pixels of mode RGB)");
    assertThatThrownBy(() -> Picture.of(Mode.GREY, 0, 2, new byte[0]))
        .hasMessage("size: 0 x 2 (expected: at least 1 x 1)");
  }

  @Test
  void cropsInsideAlone() {
    Picture picture = Picture.of(Mode.GREY, 3, 2, new byte[] {0, 1, 2, 3, 4, 5});

    assertThat(picture.crop(1, 1, 2, 1).samples()).containsExactly(4, 5);
    assertThatThrownBy(() -> picture.crop(2, 0, 2, 1))
        .hasMessage("crop: 2 x 1 at (2, 0) (expected: inside 3 x 2)");
    assertThatThrownBy(() -> picture.crop(-1, 0, 2, 1)).hasMessageStartingWith("crop: ");
  }
}
