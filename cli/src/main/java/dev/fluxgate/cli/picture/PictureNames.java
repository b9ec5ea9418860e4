package dev.fluxgate.cli.picture;

import dev.fluxgate.cli.failure.RequestRefusedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the pictures of a job are called.
 *
 * @param folder where they go
 * @param stem name without number and extension
 * @param extension ".png", as the user spelled it
 * @param count pictures
 */
public record PictureNames(Path folder, String stem, String extension, int count) {
  private static final int MAX_STEM_CHARS = 60;

  /**
   * The names for {@code out}: the file itself for one picture, "out-0.png", "out-1.png" for
   * several.
   *
   * @param out as given; null or a folder leaves the name to the prompt
   * @param extension ".png"
   * @throws RequestRefusedException for a name that does not end in {@code extension}
   */
  public static PictureNames of(@Nullable Path out, String extension, String prompt, int count) {
    if (out == null) {
      return unused(Path.of(""), extension, prompt, count);
    }
    if (Files.isDirectory(out)) {
      return unused(out, extension, prompt, count);
    }
    String name = String.valueOf(out.getFileName());
    String lower = name.toLowerCase(Locale.ROOT);
    String ending = lower.endsWith(".jpeg") && extension.equals(".jpg") ? ".jpeg" : extension;
    if (!lower.endsWith(ending) || name.length() == ending.length()) {
      throw new RequestRefusedException(
          "--out: " + out + " (expected: a name ending in " + extension + ")");
    }
    int dot = name.length() - ending.length();
    Path parent = out.getParent();
    Path folder = parent == null ? Path.of("") : parent;
    return new PictureNames(folder, name.substring(0, dot), name.substring(dot), count);
  }

  /** How files of a media type end; ".bin" where it is not known. */
  public static String extension(String mediaType) {
    return switch (mediaType) {
      case "image/png" -> ".png";
      case "image/jpeg" -> ".jpg";
      case "image/webp" -> ".webp";
      case "application/vnd.safetensors" -> ".safetensors";
      default -> ".bin";
    };
  }

  /**
   * Checks that the files can be written, before anything is drawn.
   *
   * @throws java.io.UncheckedIOException if not, naming the file
   */
  public void check() {
    for (int i = 0; i < count; i++) {
      PictureFile.check(file(i));
    }
  }

  /** The file of picture {@code index}. */
  public Path file(int index) {
    return folder.resolve(count == 1 ? stem + extension : stem + "-" + index + extension);
  }

  /** The file of a preview of picture {@code index}. */
  public Path preview(int index) {
    String name = String.valueOf(file(index).getFileName());
    return folder.resolve(name.substring(0, name.length() - extension.length()) + "-preview.png");
  }

  /** A name from the words of the prompt that no file bears yet. */
  private static PictureNames unused(Path folder, String extension, String prompt, int count) {
    String words = stem(folder, prompt);
    String stem = words;
    for (int i = 2; isTaken(new PictureNames(folder, stem, extension, count)); i++) {
      stem = words + "-" + i;
    }
    return new PictureNames(folder, stem, extension, count);
  }

  private static boolean isTaken(PictureNames names) {
    return IntStream.range(0, names.count).anyMatch(i -> Files.exists(names.file(i)));
  }

  /** Letters and digits of any script, joined by hyphens. */
  private static String stem(Path folder, String prompt) {
    String words =
        prompt.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{M}\\p{N}]+", "-").strip();
    int end =
        words.offsetByCodePoints(
            0, Math.min(MAX_STEM_CHARS, words.codePointCount(0, words.length())));
    String stem = words.substring(0, end).replaceAll("^-+|-+$", "");
    try {
      return stem.isEmpty() ? "picture" : folder.resolve(stem).getFileName().toString();
    } catch (InvalidPathException _) {
      // The file system cannot spell it.
      return "picture";
    }
  }
}
