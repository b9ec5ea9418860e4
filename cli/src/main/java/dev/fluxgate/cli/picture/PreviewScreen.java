package dev.fluxgate.cli.picture;

import dev.fluxgate.cli.terminal.Progress;

/** Where previews are seen. */
public sealed interface PreviewScreen permits TerminalPreview, FilePreview, NoPreview {

  /**
   * Shows what picture {@code index} will look like.
   *
   * @param png a file, from anywhere
   * @throws dev.fluxgate.image.MalformedImageException if it is no picture
   */
  void show(int index, byte[] png);

  /** The picture itself is there, or never will be. */
  void clear(int index);

  /** Shows nothing. */
  static PreviewScreen none() {
    return new NoPreview();
  }

  /** Above the bar of {@code progress}. */
  static PreviewScreen above(Progress progress) {
    return new TerminalPreview(progress);
  }

  /** In a file beside each picture. */
  static PreviewScreen beside(PictureNames names) {
    return new FilePreview(names);
  }
}
