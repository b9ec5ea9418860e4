package dev.fluxgate.cli.picture;

import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.image.PngFile;

/** Previews in coloured blocks, each in the place of the one before; the last one stays. */
record TerminalPreview(Progress progress) implements PreviewScreen {
  @Override
  public void show(int index, byte[] png) {
    progress.above(HalfBlocks.rows(PngFile.decode("preview", png).image()));
  }

  @Override
  public void clear(int index) {}
}
