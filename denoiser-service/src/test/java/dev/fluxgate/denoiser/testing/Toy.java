package dev.fluxgate.denoiser.testing;

import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.testing.GoldenCase;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The embedded model, and what the reference drew with it. */
public final class Toy {
  private static final int CASES = 15;

  private Toy() {}

  /** The model. */
  public static ModelFolder model() {
    return ModelFolder.open(folder().resolve("model"));
  }

  /** The pictures of all its golden cases. */
  public static List<RgbImage> pictures() throws IOException {
    List<RgbImage> pictures = new ArrayList<>();
    for (int i = 0; i < CASES; i++) {
      Path file = folder().resolve("golden").resolve("%02d.float32.png".formatted(i));
      pictures.add(PngFile.read(file).image());
    }
    return pictures;
  }

  private static Path folder() {
    return GoldenCase.root().resolve("toy");
  }
}
