package dev.fluxgate.engine.backend.cuda.driver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsCuda(fake = true)
final class CudaContextTest {
  private CudaContext context;

  @BeforeEach
  void open() {
    context = CudaContext.open(0);
  }

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void knowsTheDevice() {
    DeviceProperties device = context.properties();
    assertThat(device.name()).isEqualTo("Fluxgate emulator");
    assertThat(device.major()).isEqualTo(8);
    assertThat(device.driver()).isEqualTo("12.6");
    assertThat(context.memory().totalBytes()).isEqualTo(device.totalBytes());
  }

  @Test
  void tellsWhatTheDriverSaysOfAnImage() {
    assertThatThrownBy(() -> context.load("garbage.ptx", "no image".getBytes(UTF_8)))
        .isInstanceOf(CudaException.class)
        .hasMessage(
            "cuModuleLoadDataEx(garbage.ptx, neither ELF nor PTX (expected: one of them)): "
                + "CUDA_ERROR_INVALID_IMAGE (200), device kernel image is invalid "
                + "(expected: success)");
  }

  @Test
  void namesAKernelThatAnImageLacks() {
    CudaModule module = context.load("empty.ptx", ".version 7.0".getBytes(UTF_8));
    assertThatThrownBy(() -> module.function("no_such_kernel", 128, 0))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("cuModuleGetFunction(empty.ptx, no_such_kernel)")
        .hasMessageContaining("CUDA_ERROR_NOT_FOUND (500)");
    module.unload();
  }

  @Test
  void namesTheSharedMemoryThatADeviceLacks() {
    CudaModule module = context.load("copy.ptx", ".version 7.0\ncopy".getBytes(UTF_8));
    assertThatThrownBy(() -> module.function("copy", 256, 1 << 20))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("cuFuncSetAttribute(copy, 1048576 bytes shared)");
    module.unload();
  }

  @Test
  void namesALaunchBeyondTheLimits() {
    CudaModule module = context.load("copy.ptx", ".version 7.0\ncopy".getBytes(UTF_8));
    CudaFunction function = module.function("copy", 512, 0);
    try (Arena arena = Arena.ofConfined()) {
      Launch launch =
          new Launch(function, Grid.of(3), 0, arena.allocate(96), List.of(Shape.of(7, 5)));
      assertThatThrownBy(() -> context.launch(launch))
          .isInstanceOf(CudaLaunchException.class)
          .hasMessageContaining("copy, grid (3, 1, 1), block 512, 0 bytes shared")
          .hasMessageContaining("[[7, 5]]");
    }
    module.unload();
  }

  @Test
  void refusesADriverThatIsTooOld(@TempDir Path folder) throws Exception {
    Path library =
        library(folder, "10.2", "int cuDriverGetVersion(int* v) { *v = 10020; return 0; }");
    assertThat(CudaLibrary.Attempt.load(library.toString()).reason())
        .isEqualTo("cuda: the driver serves CUDA 10.2 (expected: 11.0 or newer)");
  }

  private static Path library(Path folder, String name, String code)
      throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve(name + ".cpp"), "extern \"C\" " + code);
    Path library = folder.resolve("lib" + name + ".so");
    Process compiler =
        new ProcessBuilder("g++", "-shared", "-fPIC", "-o", library.toString(), source.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
    return library;
  }
}
