package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.reference.ReferenceGrid;
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
 * @param wayBack how what was drawn is fitted into the region: FLUX.2 stretches it (point 11),
 *     FLUX.1 cuts off what filled the sides
 */
public record InpaintSource(
    Picture picture,
    Picture mask,
    @Nullable CropRegion region,
    RgbImage fitted,
    LatentGrid grid,
    InpaintMask repainted,
    PictureFit wayBack) {

  /**
   * Prepares a picture and its mask in their own size, scaled down if a model takes no more.
   *
   * @throws IllegalArgumentException if one is missing, or the mask is all black where a part of
   *     the picture is asked for
   */
  public static InpaintSource of(InputPictures pictures, int tokenPixels) {
    LatentGrid grid = grid(pictures, tokenPixels);
    Picture sent = required("image", pictures.image());
    Picture picture = ReferencePicture.capArea(sent, ReferencePicture.MAX_AREA);
    return of(pictures, picture, grid, tokenPixels, PictureFit.STRETCH);
  }

  /** The tokens of {@link #of(InputPictures, int)}, found without touching a pixel. */
  public static LatentGrid grid(InputPictures pictures, int tokenPixels) {
    return ReferenceGrid.of(required("image", pictures.image()), tokenPixels);
  }

  /**
   * Prepares a picture and its mask in the size of {@code grid}.
   *
   * @throws IllegalArgumentException if one is missing, or the mask is all black where a part of
   *     the picture is asked for
   */
  public static InpaintSource of(InputPictures pictures, LatentGrid grid, int tokenPixels) {
    Picture picture = required("image", pictures.image());
    return of(pictures, picture, grid, tokenPixels, PictureFit.COVER);
  }

  private static InpaintSource of(
      InputPictures pictures,
      Picture picture,
      LatentGrid grid,
      int tokenPixels,
      PictureFit wayBack) {
    Picture mask = required("mask_image", pictures.maskImage());
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
          InpaintMask.of(mask, width, height),
          wayBack);
    }
    // The region is one of the picture, so the mask must be as large as it, scaled down or not.
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
        InpaintMask.of(Picture.of(cut), width, height),
        wayBack);
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
   * (1, S, 4·Z): a weight for every latent pixel, that of the first of its square of pixels, the
   * same for all Z channels.
   */
  public HostTensor latentMask(int channels, DType dtype) {
    int columns = grid.columns() * LatentPacker.PATCH;
    int rows = grid.rows() * LatentPacker.PATCH;
    int scale = repainted.width() / columns;
    HostTensor spatial = HostTensor.zeros(dtype, Shape.of(1, channels, rows, columns));
    for (int i = 0; i < channels * rows * columns; i++) {
      int y = i / columns % rows;
      int x = i % columns;
      spatial.set(i, repainted.values()[y * scale * repainted.width() + x * scale]);
    }
    return LatentPacker.pack(LatentPacker.patchify(spatial));
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
    byte[] inside = wayBack.apply(Picture.of(drawn), region.width(), region.height()).rgb();
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
