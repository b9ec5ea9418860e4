package dev.fluxgate.cli.picture;

/** Shows nothing. */
record NoPreview() implements PreviewScreen {
  @Override
  public void show(int index, byte[] png) {}

  @Override
  public void clear(int index) {}
}
