package dev.fluxgate.cli.generate;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.IoReason;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.cli.rpc.InputUploadClient;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Pictures and tensors that a drawing is made from. */
public final class InputOptions {
  @Option(
      names = "--image",
      split = ",",
      paramLabel = "FILE",
      description =
          "Picture to edit or to start from: PNG, JPEG or WebP; given again for each further"
              + " reference, at most 10.")
  private List<Path> images = List.of();

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description = "What of the picture to paint anew, white, and what to keep, black.")
  private @Nullable Path mask;

  @Option(
      names = "--image-reference",
      paramLabel = "FILE",
      description = "Reference for what is painted into the mask.")
  private @Nullable Path imageReference;

  @Option(
      names = "--padding-mask-crop",
      paramLabel = "PIXELS",
      description = "Paint only the mask and so much around it, at full size.")
  private @Nullable Integer paddingMaskCrop;

  @Option(
      names = "--strength",
      paramLabel = "X",
      description = "How much of the picture is made anew, above 0 to 1. Default: the pipeline's.")
  private @Nullable Float strength;

  @Option(
      names = "--latents",
      paramLabel = "FILE",
      description =
          "Noise to start from, the tensor \"latents\" of a safetensors file. Default: drawn from"
              + " the seed.")
  private @Nullable Path latents;

  /**
   * Checks that the files are there, before anything is loaded.
   *
   * @throws RequestRefusedException naming the option and the file, if one is not
   */
  void check() {
    images.forEach(file -> check("--image", file));
    check("--mask", mask);
    check("--image-reference", imageReference);
    check("--latents", latents);
  }

  /**
   * {@code parameters} with what was given, each file uploaded.
   *
   * @throws RequestRefusedException if a file cannot be read, or is refused
   */
  GenerationParameters addTo(GenerationParameters parameters, InputUploadClient uploads) {
    GenerationParameters.Builder request = parameters.toBuilder();
    images.forEach(file -> request.addImages(image("--image", file, uploads)));
    if (mask != null) {
      request.setMaskImage(image("--mask", mask, uploads));
    }
    if (imageReference != null) {
      request.setImageReference(image("--image-reference", imageReference, uploads));
    }
    if (paddingMaskCrop != null) {
      request.setPaddingMaskCrop(paddingMaskCrop);
    }
    if (strength != null) {
      request.setStrength(strength);
    }
    if (latents != null) {
      request.setLatents(
          InputTensor.newBuilder().setSha256(uploads.tensor(LatentsFile.read(latents))));
    }
    return request.build();
  }

  /**
   * The file that was given for a field of the request; null where none was.
   *
   * @param index of a list's element; negative: of the field as a whole
   */
  @Nullable Path file(String field, int index) {
    return switch (field) {
      case "images" -> index >= 0 && index < images.size() ? images.get(index) : null;
      case "mask_image" -> mask;
      case "image_reference" -> imageReference;
      case "latents" -> latents;
      default -> null;
    };
  }

  private static void check(String option, @Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw new RequestRefusedException(
          option
              + ": "
              + file
              + ": "
              + (Files.exists(file) ? "may not be read" : "no such file")
              + " (expected: a file)");
    }
  }

  private static InputImage image(String option, Path file, InputUploadClient uploads) {
    try {
      return InputImage.newBuilder()
          .setSha256(uploads.picture(ByteString.copyFrom(Files.readAllBytes(file))))
          .build();
    } catch (IOException e) {
      throw new RequestRefusedException(
          option + ": " + file + ": " + IoReason.of(e) + " (expected: a file)", e);
    } catch (RequestRefusedException e) {
      // The gateway speaks of the field of an upload, of which the user knows nothing.
      String why = ErrorLine.of(e).replaceFirst("^image: ", "");
      throw new RequestRefusedException(option + ": " + file + ": " + why, e);
    }
  }
}
