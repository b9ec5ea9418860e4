package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.CropRegion;
import dev.fluxgate.image.prepare.InpaintMask;
import dev.fluxgate.image.prepare.PictureFit;
import dev.fluxgate.image.prepare.ReferencePicture;
import dev.fluxgate.image.resample.ResampleFilter;
import dev.fluxgate.image.resample.Resampler;
import org.jspecify.annotations.Nullable;

/**
 * What is painted over: a picture and a mask of W × H pixels, perhaps a part of what was sent, and
 * the way back (models spec §6.4, points 2, 8, 11).
 *
 * @param picture as it was sent, scaled down if it was larger than a model takes
 * @param mask as it was sent
 * @param region the part that is painted over, or null for all of it
 * @param fitted what goes through the VAE, W × H
 * @param grid its tokens
 * @param repainted where it is drawn anew
 */
public record InpaintSource(
    Picture picture,
    Picture mask,
    @Nullable CropRegion region,
    RgbImage fitted,
    LatentGrid grid,
    InpaintMask repainted) {

  /**
   * Prepares a picture and its mask.
   *
   * @throws IllegalArgumentException if one is missing, or the mask is all black where a part of
   *     the picture is asked for
   */
  public static InpaintSource of(InputPictures pictures, int tokenPixels) {
    Picture sent = required("image", pictures.image());
    Picture mask = required("mask_image", pictures.maskImage());
    Picture picture = ReferencePicture.capArea(sent, ReferencePicture.MAX_AREA);
    LatentGrid grid = LatentGrid.floored(picture.width(), picture.height(), tokenPixels);
    int width = grid.columns() * tokenPixels;
    int height = grid.rows() * tokenPixels;
    Integer padding = pictures.paddingMaskCrop();
    if (padding == null) {
      return new InpaintSource(
          picture,
          mask,
          null,
          PictureFit.STRETCH.apply(picture, width, height),
          grid,
          InpaintMask.of(mask, width, height));
    }
    // The region is one of the picture, so the mask must be as large as it.
    Picture aligned =
        mask.width() == picture.width() && mask.height() == picture.height()
            ? mask
            : Resampler.resize(mask, picture.width(), picture.height(), ResampleFilter.LANCZOS);
    CropRegion region = CropRegion.of(aligned, width, height, padding);
    RgbImage cut = PictureFit.FILL.apply(region.of(aligned), width, height);
    return new InpaintSource(
        picture,
        aligned,
        region,
        PictureFit.FILL.apply(region.of(picture), width, height),
        grid,
        InpaintMask.of(Picture.of(cut), width, height));
  }

  private static Picture required(String name, @Nullable Picture picture) {
    if (picture == null) {
      throw new IllegalArgumentException(name + ": none (expected: a picture)");
    }
    return picture;
  }

  /** (S, 1): 1 where a token is drawn anew, 0 where it is kept, and between. */
  public HostTensor tokenMask(DType dtype) {
    float[] values = repainted.resized(grid.columns(), grid.rows());
    return HostTensor.of(DType.F32, Shape.of(values.length, 1), values).to(dtype);
  }

  /**
   * The whole picture, as far as it is kept, round what was drawn: the region is filled with {@code
   * drawn}, scaled to it, and what the mask leaves black comes back on top.
   */
  public RgbImage complete(RgbImage drawn) {
    if (region == null) {
      return drawn;
    }
    byte[] kept = picture.toRgb().rgb();
    byte[] levels = mask.toGrey().samples();
    byte[] inside =
        PictureFit.STRETCH.apply(Picture.of(drawn), region.width(), region.height()).rgb();
    byte[] rgb = new byte[kept.length];
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        int at = y * picture.width() + x;
        boolean isInside =
            x >= region.left() && x < region.right() && y >= region.top() && y < region.bottom();
        int from = (y - region.top()) * region.width() + x - region.left();
        int weight = Byte.toUnsignedInt(levels[at]);
        for (int c = 0; c < RgbImage.CHANNELS; c++) {
          int over = isInside ? Byte.toUnsignedInt(inside[RgbImage.CHANNELS * from + c]) : 0;
          int under = Byte.toUnsignedInt(kept[RgbImage.CHANNELS * at + c]);
          int mixed = (over * weight + under * (255 - weight) + 127) / 255;
          rgb[RgbImage.CHANNELS * at + c] = (byte) mixed;
        }
      }
    }
    return new RgbImage(picture.width(), picture.height(), rgb);
  }
}
