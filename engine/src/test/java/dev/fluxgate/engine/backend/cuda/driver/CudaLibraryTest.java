package dev.fluxgate.engine.backend.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A machine without a driver says what is missing. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
final class CudaLibraryTest {

  @Test
  void tellsThatThereIsNoDriver() {
    assertThat(CudaLibrary.Attempt.load("/nowhere/libcuda.so.1").reason())
        .isEqualTo(
            "cuda: /nowhere/libcuda.so.1 cannot be loaded "
                + "(expected: the library of an NVIDIA driver; FLUXGATE_CUDA_DRIVER names another)");
    assertThat(CudaLibrary.Attempt.load("libno-such-driver.so.1").reason())
        .startsWith("cuda: libno-such-driver.so.1 cannot be loaded");
  }

  @Test
  void tellsThatAFileIsNoLibrary(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("libcuda.so.1"), "text");
    assertThat(CudaLibrary.Attempt.load(text.toString()).reason())
        .contains("libcuda.so.1 cannot be loaded");
  }

  @Test
  void tellsThatALibraryIsNoDriver() {
    assertThat(CudaLibrary.Attempt.load("libc.so.6").reason())
        .isEqualTo("cuda: libc.so.6 has no cuDriverGetVersion (expected: an NVIDIA driver)");
  }
}
