package dev.fluxgate.engine.backend.cuda.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of building the fake driver.
 *
 * @param library where it lies; empty if it could not be built or another driver is asked for
 * @param obstacle why there is no driver at all; empty if there is one
 */
record FakeCudaBuild(Optional<Path> library, Optional<String> obstacle) {

  /** Builds it, unless {@code configured} names a driver; takes a while the first time. */
  static FakeCudaBuild run(@Nullable String configured) {
    if (configured != null) {
      return new FakeCudaBuild(Optional.empty(), Optional.empty());
    }
    String root = System.getProperty("fluxgate.root");
    if (root == null) {
      return failed("fluxgate.root is not set (expected: the folder of the repository)");
    }
    Path engine = Path.of(root, "engine");
    try {
      Process build =
          new ProcessBuilder(engine.resolve("src/emulator/build").toString(), "--quiet")
              .redirectErrorStream(true)
              .start();
      String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (build.waitFor() != 0) {
        return failed("the fake CUDA driver cannot be built: " + output.strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while the fake CUDA driver was built", e);
    }
    Path library = engine.resolve("target/fake-cuda/libcuda.so.1");
    return Files.isRegularFile(library)
        ? new FakeCudaBuild(Optional.of(library), Optional.empty())
        : failed("no " + library + " (expected: what the build makes)");
  }

  private static FakeCudaBuild failed(String reason) {
    return new FakeCudaBuild(Optional.empty(), Optional.of(reason));
  }
}
