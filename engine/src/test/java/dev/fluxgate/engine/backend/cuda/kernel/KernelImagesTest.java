package dev.fluxgate.engine.backend.cuda.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.cuda.driver.CudaUnavailableException;
import dev.fluxgate.engine.backend.cuda.driver.DeviceProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class KernelImagesTest {

  @ParameterizedTest
  @CsvSource({
    "8, 0, sm_80.cubin",
    "8, 6, sm_86.cubin",
    "8, 7, sm_86.cubin",
    "8, 9, sm_89.cubin",
    "9, 0, sm_90a.cubin",
    "10, 0, ptx",
    "12, 0, sm_120a.cubin",
    "12, 1, ptx",
    "13, 0, ptx"
  })
  void choosesMachineCodeThatTheDeviceRuns(int major, int minor, String kind) {
    assertThat(images(major, minor, 13000).kind()).isEqualTo(kind);
  }

  @Test
  void choosesPtxForADriverThatCannotReadTheMachineCode() {
    assertThat(images(8, 6, 12090).kind()).isEqualTo("ptx");
    assertThat(images(9, 0, 12060).kind()).isEqualTo("ptx");
  }

  @ParameterizedTest
  @EnumSource(CudaKernel.class)
  void findsEveryKernelInItsImage(CudaKernel kernel) {
    String ptx = new String(images(7, 0, 12060).read(kernel.file()), UTF_8);
    assertThat(ptx).containsPattern("\\.entry " + kernel.symbol() + "\\s*\\(");
  }

  @Test
  void namesAnImageThatIsNotThere() {
    KernelImages images = images(8, 6, 12060);
    assertThatThrownBy(() -> images.read("nothing"))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageContaining("kernels/nothing.ptx");
  }

  private static KernelImages images(int major, int minor, int driver) {
    return KernelImages.of(
        new DeviceProperties("a device", major, minor, 1 << 30, driver, 1, 1, 1, 1));
  }
}
