package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.image.RgbImage;
import java.util.Arrays;
import java.util.List;

/**
 * How far pictures in float32 are from those of the reference.
 *
 * @param pictures number of them
 * @param worst largest difference of a channel, in levels
 * @param share of the channels that differ at all, in the picture where most of them do
 */
record PictureDifference(int pictures, int worst, double share) {
  private static final int LEVELS = 1;
  private static final double SHARE = 0.01;

  /** Compares pictures of the same number and sizes. */
  static PictureDifference between(List<RgbImage> ours, List<RgbImage> expected) {
    assertThat(ours).hasSameSizeAs(expected);
    int worst = 0;
    double share = 0;
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i).width()).isEqualTo(expected.get(i).width());
      assertThat(ours.get(i).height()).isEqualTo(expected.get(i).height());
      int[] off = levels(ours.get(i).rgb(), expected.get(i).rgb());
      worst = Math.max(worst, Arrays.stream(off).max().orElse(0));
      share = Math.max(share, (double) Arrays.stream(off).filter(d -> d > 0).count() / off.length);
    }
    return new PictureDifference(ours.size(), worst, share);
  }

  private static int[] levels(byte[] ours, byte[] expected) {
    int[] off = new int[expected.length];
    for (int i = 0; i < off.length; i++) {
      off[i] = Math.abs((ours[i] & 0xff) - (expected[i] & 0xff));
    }
    return off;
  }

  /** Fails where a channel is off by more than a level, or one of a hundred is off at all. */
  void assertSmall() {
    assertThat(worst).isLessThanOrEqualTo(LEVELS);
    assertThat(share).isLessThanOrEqualTo(SHARE);
  }

  /** The line of a table. */
  String row(GoldenCase golden) {
    return "| %s | %s | %d | %d | %.2f %% |"
        .formatted(golden.name(), golden.operation(), pictures, worst, 100 * share);
  }
}
