package dev.fluxgate.image.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResamplerTest {

  /** Levels of Pillow 13.0, of one row: the filters have their marks. */
  @Test
  void makesTheLevelsOfTheReference() {
    Picture row = grey(6, 1, 0, 255, 0, 0, 128, 255);

    assertThat(resized(row, 3, ResampleFilter.LANCZOS)).containsExactly(120, 34, 172);
    assertThat(resized(row, 3, ResampleFilter.BICUBIC)).containsExactly(117, 34, 175);
    assertThat(resized(row, 9, ResampleFilter.LANCZOS))
        .containsExactly(0, 140, 249, 46, 0, 17, 98, 211, 255);
  }

  @ParameterizedTest
  @EnumSource(ResampleFilter.class)
  void keepsWhatIsOfOneLevel(ResampleFilter filter) {
    byte[] levels = new byte[3 * 13 * 7];
    Arrays.fill(levels, (byte) 77);

    Picture resized = Resampler.resize(Picture.of(Mode.RGB, 13, 7, levels), 5, 29, filter);

    assertThat(resized.samples()).hasSize(3 * 5 * 29).containsOnly(77);
  }

  @Test
  void givesBackAPictureOfThatSize() {
    Picture picture = noise(Mode.RGBA, 5, 4);

    assertThat(Resampler.resize(picture, 5, 4, ResampleFilter.LANCZOS)).isSameAs(picture);
  }

  @Test
  void doesNotMixInWhatCannotBeSeen() {
    byte[] redBesideInvisibleBlue = {(byte) 200, 0, 0, -1, 0, 0, (byte) 255, 0};
    Picture picture = Picture.of(Mode.RGBA, 2, 1, redBesideInvisibleBlue);

    byte[] one = Resampler.resize(picture, 1, 1, ResampleFilter.BILINEAR).samples();

    assertThat(one).containsExactly((byte) 199, 0, 0, (byte) 128);
  }

  @Test
  void takesTheNearestOfIndicesAndBilevelPixels() {
    Picture indices = new Picture(Mode.PALETTE, 4, 1, new byte[] {9, 3, 7, 1}, new byte[30]);
    Picture bilevel = Picture.of(Mode.BILEVEL, 4, 1, new byte[] {0, -1, 0, 0});

    assertThat(Resampler.resize(indices, 2, 1, ResampleFilter.LANCZOS))
        .isEqualTo(new Picture(Mode.PALETTE, 2, 1, new byte[] {3, 1}, new byte[30]));
    assertThat(Resampler.resize(bilevel, 2, 1, ResampleFilter.BICUBIC).samples())
        .containsExactly(-1, 0);
  }

  @Test
  void runsTheRowsFirstUnlessToldOtherwise() {
    Picture picture = noise(Mode.GREY, 10, 80);

    Picture first = Resampler.resize(picture, 12, 9, ResampleFilter.LANCZOS);

    assertThat(first)
        .isEqualTo(
            Resampler.resize(picture, 12, 9, ResampleFilter.LANCZOS, PassOrder.HORIZONTAL_FIRST))
        .isNotEqualTo(
            Resampler.resize(picture, 12, 9, ResampleFilter.LANCZOS, PassOrder.LESS_WORK_FIRST));
  }

  @Test
  void goesOnBeyondEdges() {
    Picture picture = grey(2, 2, 10, 20, 30, 40);

    assertThat(Resampler.besideEdge(picture, 2, false).samples()).containsExactly(9, 9, 29, 29);
    assertThat(Resampler.beyondEdge(picture, 1, true).samples()).containsExactly(33, 43);
  }

  @Test
  void refusesASizeOfNothing() {
    Picture picture = grey(1, 1, 0);

    assertThatThrownBy(() -> Resampler.resize(picture, 0, 5, ResampleFilter.LANCZOS))
        .hasMessage("size: 0 x 5 (expected: at least 1 x 1)");
    assertThatThrownBy(() -> Resampler.nearest(picture, 1, -1))
        .hasMessage("size: 1 x -1 (expected: at least 1 x 1)");
  }

  private static int[] resized(Picture row, int width, ResampleFilter filter) {
    byte[] levels = Resampler.resize(row, width, 1, filter).samples();
    int[] unsigned = new int[levels.length];
    for (int i = 0; i < levels.length; i++) {
      unsigned[i] = Byte.toUnsignedInt(levels[i]);
    }
    return unsigned;
  }

  private static Picture grey(int width, int height, int... levels) {
    byte[] samples = new byte[levels.length];
    for (int i = 0; i < levels.length; i++) {
      samples[i] = (byte) levels[i];
    }
    return Picture.of(Mode.GREY, width, height, samples);
  }

  private static Picture noise(Mode mode, int width, int height) {
    byte[] samples = new byte[mode.channels() * width * height];
    new Random(3).nextBytes(samples);
    return Picture.of(mode, width, height, samples);
  }
}
