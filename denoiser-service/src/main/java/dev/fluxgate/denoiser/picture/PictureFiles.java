package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.encode.PictureEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Pictures or latents → files, in the format that was asked for.
 *
 * @param drawing what was asked for
 * @param pipeline what made them
 * @param modelHash with which model
 */
record PictureFiles(Drawing drawing, PipelineKind pipeline, String modelHash) {
  private static final String SAFETENSORS = "application/vnd.safetensors";

  List<EncodedPicture> encode(GeneratedImages made) {
    DrawingOptions.OutputFormat format = drawing.options().output().format();
    List<EncodedPicture> files = new ArrayList<>();
    for (RgbImage image : made.images()) {
      int index = files.size();
      Map<String, String> text =
          drawing.omitMetadata()
              ? Map.of()
              : PictureMetadata.of(drawing, pipeline.className(), index, modelHash);
      files.add(
          switch (format) {
            case PNG -> picture(index, image, ImageFormat.PNG, text);
            case JPEG -> picture(index, image, ImageFormat.JPEG, text);
            case WEBP -> picture(index, image, ImageFormat.WEBP, text);
            case LATENTS ->
                new EncodedPicture(
                    index, SAFETENSORS, image.width(), image.height(), latents(made, index, text));
          });
    }
    return files;
  }

  private static EncodedPicture picture(
      int index, RgbImage image, ImageFormat format, Map<String, String> text) {
    return new EncodedPicture(
        index,
        format.mediaType(),
        image.width(),
        image.height(),
        PictureEncoder.encode(image, text, format));
  }

  private static byte[] latents(GeneratedImages made, int index, Map<String, String> text) {
    try {
      Path folder = Files.createTempDirectory("fluxgate-latents");
      Path file = folder.resolve("latents.safetensors");
      try {
        SafetensorsWriter.write(
            file,
            Map.of(
                "packed_latents", made.packedLatents().slice(index, 1),
                "latents", made.latents().slice(index, 1)),
            text);
        return Files.readAllBytes(file);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("latents of picture " + index + " cannot be written", e);
    }
  }
}
