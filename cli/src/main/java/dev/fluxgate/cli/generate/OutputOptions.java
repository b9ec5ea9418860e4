package dev.fluxgate.cli.generate;

import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.OutputType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is written: pictures of a format, or latents. */
public final class OutputOptions {
  private static final String SAFETENSORS = ".safetensors";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Of the files: ${COMPLETION-CANDIDATES}. Default: as --out ends, else png.")
  private @Nullable Format format;

  @Option(
      names = "--output-type",
      paramLabel = "CONTENT",
      defaultValue = "pictures",
      description =
          "${COMPLETION-CANDIDATES}; latents are written as a safetensors file. Default:"
              + " ${DEFAULT-VALUE}.")
  private Type type = Type.PICTURES;

  /** Formats of pictures. */
  enum Format {
    PNG(".png", ImageFormat.IMAGE_FORMAT_PNG),
    JPEG(".jpg", ImageFormat.IMAGE_FORMAT_JPEG),
    WEBP(".webp", ImageFormat.IMAGE_FORMAT_WEBP);

    private final String extension;
    private final ImageFormat message;

    Format(String extension, ImageFormat message) {
      this.extension = extension;
      this.message = message;
    }

    /** The one that {@code out} ends as; null where it ends as none, or is not given. */
    private static @Nullable Format named(@Nullable Path out) {
      String name = out == null ? "" : out.toString().toLowerCase(Locale.ROOT);
      for (Format each : values()) {
        if (name.endsWith(each.extension)) {
          return each;
        }
      }
      return name.endsWith(".jpeg") ? JPEG : null;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the files hold. */
  enum Type {
    PICTURES,
    LATENTS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How the files end, ".png".
   *
   * @param out as given
   * @throws ParameterException if {@code out} ends otherwise than the format does, or as none does
   */
  String extension(@Nullable Path out) {
    if (type == Type.LATENTS) {
      return SAFETENSORS;
    }
    Format named = Format.named(out);
    if (format != null && named != null && format != named) {
      throw new ParameterException(
          spec.commandLine(),
          "--out: "
              + out
              + " with --format "
              + format
              + " (expected: a name ending in "
              + format.extension
              + ")");
    }
    if (format == null && named == null && out != null && !Files.isDirectory(out)) {
      throw new ParameterException(
          spec.commandLine(),
          "--out: " + out + " (expected: a folder, or a name ending in .png, .jpg or .webp)");
    }
    return format(named).extension;
  }

  /** Sets what was given; {@code out} tells the format where nothing else does. */
  void addTo(GenerationParameters.Builder request, @Nullable Path out) {
    if (type == Type.LATENTS) {
      request.setOutputType(OutputType.OUTPUT_TYPE_LATENTS);
      return;
    }
    Format chosen = format(Format.named(out));
    if (chosen != Format.PNG) {
      request.setFormat(chosen.message);
    }
  }

  private Format format(@Nullable Format named) {
    if (format != null) {
      return format;
    }
    return named == null ? Format.PNG : named;
  }
}
