package dev.fluxgate.engine.backend.cuda.cubin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.KernelImages;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cubins as they are shipped, and broken ones. */
class CubinFileTest {
  @ParameterizedTest
  @EnumSource(Architecture.class)
  void findsTheKernelsOfAFile(Architecture architecture) {
    byte[] content = KernelImages.of(architecture).read("elementwise");
    assertThat(CubinFile.kernels(content, "elementwise"))
        .extracting(KernelResources::name)
        .containsExactly("add", "blend", "copy", "euler_step", "guide", "silu_all");
    assertThat(CubinFile.kernels(content, "elementwise"))
        .allSatisfy(kernel -> {
          assertThat(kernel.registers()).isBetween(8, 64);
          assertThat(kernel.maxThreads()).isEqualTo(CudaKernel.COPY.threads());
        });
  }

  /** From sm_90 on the section also holds what the system keeps for itself. */
  @ParameterizedTest
  @EnumSource(Architecture.class)
  void countsTheSharedMemoryOfTheKernelAlone(Architecture architecture) {
    byte[] content = KernelImages.of(architecture).read("norm");
    assertThat(CubinFile.kernels(content, "norm"))
        .allSatisfy(kernel -> assertThat(kernel.sharedBytes()).isZero());
  }

  @Test
  void refusesWhatIsNoCubin() {
    assertThatThrownBy(() -> CubinFile.kernels(new byte[100], "nothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("nothing: no ELF file (expected: a cubin)");
    assertThatThrownBy(() -> CubinFile.kernels(new byte[3], "nothing"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAFileThatEndsTooEarly() {
    byte[] content = KernelImages.of(Architecture.SM_86).read("norm");
    // The last bytes are headers for the loader, which nobody here reads.
    for (int length = 0; length < content.length - 512; length += 97) {
      byte[] cut = Arrays.copyOf(content, length);
      assertThatThrownBy(() -> CubinFile.kernels(cut, "cut"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("cut: ");
    }
  }

  @Test
  void readsNoisyFilesOrRefusesThem() {
    byte[] content = KernelImages.of(Architecture.SM_86).read("norm");
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      byte[] noisy = content.clone();
      for (int j = 0; j < 8; j++) {
        noisy[random.nextInt(noisy.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(CubinFile.kernels(noisy, "noisy")).isNotNull();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("noisy: ");
      }
    }
  }
}
