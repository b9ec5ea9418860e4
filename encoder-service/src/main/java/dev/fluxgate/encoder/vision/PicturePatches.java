package dev.fluxgate.encoder.vision;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.VisionSize;

/**
 * A picture as the tower takes it (models spec §5.1.8): no side longer than the model's, both
 * rounded up to whole cells, resized to exactly that, each colour normalised.
 *
 * @param grid how it is cut
 * @param values float32, (patches, 3·p·p): colour, row and column inside the patch
 */
public record PicturePatches(PatchGrid grid, HostTensor values) {
  private static final double[] MEAN = {0.48145466, 0.4578275, 0.40821073};
  private static final double[] DEVIATION = {0.26862954, 0.26130258, 0.27577711};
  private static final float LEVELS = 255;

  /** What stands for the picture in a conversation: a token a cell, a break or end a row. */
  public String placeholder() {
    String row = "[IMG]".repeat(grid.cellColumns());
    return (row + "[IMG_BREAK]").repeat(grid.cellRows() - 1) + row + "[IMG_END]";
  }

  static PicturePatches of(RgbImage picture, PixtralParams params) {
    int cell = params.cellSize();
    VisionSize size = VisionSize.of(picture.width(), picture.height(), params.imageSize(), cell);
    PatchGrid grid = new PatchGrid(size.height() / cell, size.width() / cell, params.mergeSize());
    RgbImage resized = TensorBicubic.resize(picture, size.width(), size.height());
    return new PicturePatches(grid, cut(resized, grid, params.patchSize()));
  }

  private static HostTensor cut(RgbImage picture, PatchGrid grid, int patch) {
    HostTensor values =
        HostTensor.zeros(
            DType.F32, Shape.of(grid.patches(), (long) PixtralParams.CHANNELS * patch * patch));
    long at = 0;
    for (int index = 0; index < grid.patches(); index++) {
      int top = grid.row(index) * patch;
      int left = grid.column(index) * patch;
      for (int channel = 0; channel < PixtralParams.CHANNELS; channel++) {
        float mean = (float) MEAN[channel] * LEVELS;
        float deviation = (float) DEVIATION[channel] * LEVELS;
        for (int pixel = 0; pixel < patch * patch; pixel++) {
          int level = picture.level(left + pixel % patch, top + pixel / patch, channel);
          values.set(at++, (level - mean) / deviation);
        }
      }
    }
    return values;
  }
}
