package dev.fluxgate.engine.backend.cuda.cubin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/** The compiled kernels of the class path. */
final class ShippedKernels {
  private static final String FOLDER = "/dev/fluxgate/engine/backend/cuda/kernels/";

  private ShippedKernels() {}

  /** Files with kernels of the catalogue. */
  static List<String> files() {
    return Arrays.stream(CudaKernel.values()).map(CudaKernel::file).distinct().toList();
  }

  static byte[] cubin(String file, Architecture architecture) {
    return bytes(file + "." + architecture.label() + ".cubin");
  }

  static String ptx(String file) {
    return new String(bytes(file + ".ptx"), US_ASCII);
  }

  static Properties manifest() {
    Properties manifest = new Properties();
    try (InputStream in = open("kernels.properties")) {
      manifest.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return manifest;
  }

  static byte[] bytes(String name) {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(ShippedKernels.class.getResourceAsStream(FOLDER + name), name);
  }
}
