package dev.fluxgate.cli.picture;

import dev.fluxgate.cli.failure.IoReason;
import dev.fluxgate.image.PngFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Previews in a file, "NAME-preview.png", for viewers that notice when a file changes. */
record FilePreview(PictureNames names) implements PreviewScreen {
  @Override
  public void show(int index, byte[] png) {
    // Only what is a picture is written.
    PngFile _ = PngFile.decode("preview", png);
    PictureFile.write(names.preview(index), png);
  }

  @Override
  public void clear(int index) {
    Path file = names.preview(index);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          file + ": cannot be removed, " + IoReason.of(e) + " (expected: a file of ours)", e);
    }
  }
}
