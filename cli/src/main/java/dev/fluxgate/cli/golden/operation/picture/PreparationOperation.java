package dev.fluxgate.cli.golden.operation.picture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.cli.golden.operation.Numbers;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.vae.PixelRange;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.CropRegion;
import dev.fluxgate.image.prepare.InpaintMask;
import dev.fluxgate.image.prepare.PictureFit;
import dev.fluxgate.image.prepare.PictureRow;
import dev.fluxgate.image.prepare.ReferencePicture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Pictures and masks as models take them, and pixels as they come from the VAE. */
public final class PreparationOperation {
  private PreparationOperation() {}

  /** References: cropped, stretched, filled up. */
  public static void references(CaseRun run) throws IOException {
    int multiple = run.golden().parameters().path("multiple").intValue();
    for (String file : PictureFiles.inputs(run)) {
      String name = file.substring(0, file.lastIndexOf('.'));
      Picture picture = PictureFiles.read(run, file);
      run.put(name, pixels(ReferencePicture.prepare(picture, multiple)));
      put(run, name + ".stretched", picture, PictureFit.STRETCH);
      put(run, name + ".filled", picture, PictureFit.FILL);
    }
  }

  private static void put(CaseRun run, String name, Picture picture, PictureFit fit) {
    GoldenTensor declared = run.golden().tensor("out." + name);
    if (declared != null) {
      Shape s = declared.shape();
      run.put(name, pixels(fit.apply(picture, s.size(3), s.size(2))));
    }
  }

  private static HostTensor pixels(RgbImage image) {
    return PixelRange.fromPicture(image, DType.F32);
  }

  /** Masks of the picture and of its tokens, and the regions of padding_mask_crop. */
  public static void masks(CaseRun run) throws IOException {
    for (String file : PictureFiles.inputs(run)) {
      String name = file.substring(0, file.lastIndexOf('.'));
      Shape s = run.golden().declared("out." + name + ".mask").shape();
      Shape t = run.golden().declared("out." + name + ".tokens").shape();
      InpaintMask mask = InpaintMask.of(PictureFiles.read(run, file), s.size(3), s.size(2));
      run.put(name + ".mask", HostTensor.of(DType.F32, s, mask.values()));
      run.put(name + ".tokens", HostTensor.of(DType.F32, t, mask.resized(t.size(3), t.size(2))));
    }
    for (JsonNode row : run.golden().document("crop_regions.json")) {
      CropRegion ours =
          CropRegion.of(
              PictureFiles.read(run, row.path("file").asText()),
              row.path("width").intValue(),
              row.path("height").intValue(),
              row.path("pad").intValue());
      List<Integer> expected = Numbers.ints(row.path("region"));
      boolean same = List.of(ours.left(), ours.top(), ours.right(), ours.bottom()).equals(expected);
      run.judge(
          row.path("file").asText() + " padded by " + row.path("pad").intValue(),
          "json",
          same ? "" : ours + " (expected: " + expected + ")");
    }
  }

  /** Several pictures as one. */
  public static void join(CaseRun run) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    for (String file : PictureFiles.inputs(run)) {
      pictures.add(PictureFiles.read(run, file));
    }
    run.put("joined", PictureFiles.levels(PictureRow.join(pictures)));
  }

  /** What the VAE decodes, as numbers in [0, 1] and as levels. */
  public static void postprocess(CaseRun run) {
    for (String type : List.of("float32", "bfloat16")) {
      HostTensor unit = PixelRange.toUnit(run.input(type));
      HostTensor last = LatentPacker.channelsLast(unit).to(DType.F32);
      run.put(type + ".pt", unit);
      run.put(type + ".np", last);
      Shape s = last.shape();
      List<HostTensor> images = new ArrayList<>();
      for (long n = 0; n < s.dim(0); n++) {
        float[] values = last.slice(n, 1).toFloats();
        images.add(PictureFiles.levels(RgbImage.ofUnitFloats(s.size(2), s.size(1), values)));
      }
      run.put(type + ".pil", Numbers.stack(images, s));
    }
  }
}
