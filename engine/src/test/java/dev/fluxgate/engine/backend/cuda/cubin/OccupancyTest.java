package dev.fluxgate.engine.backend.cuda.cubin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks of a multiprocessor, against figures of NVIDIA's occupancy calculator. */
class OccupancyTest {
  private static KernelResources kernel(int registers, int sharedBytes) {
    return new KernelResources("kernel", registers, 0, sharedBytes, 1024, Map.of(), List.of());
  }

  @ParameterizedTest
  @CsvSource({
    // registers, threads, dynamic shared bytes, architecture, blocks, limit
    "24, 256, 0, SM_80, 8, THREADS",
    "24, 256, 0, SM_86, 6, THREADS",
    "33, 256, 0, SM_80, 6, REGISTERS",
    "64, 256, 0, SM_86, 4, REGISTERS",
    "255, 128, 0, SM_90A, 2, REGISTERS",
    "128, 128, 98304, SM_86, 1, SHARED_MEMORY",
    "128, 128, 98304, SM_90A, 2, SHARED_MEMORY",
    "16, 32, 0, SM_86, 16, BLOCKS",
    "16, 32, 0, SM_89, 24, BLOCKS",
    "255, 1024, 0, SM_80, 0, REGISTERS",
    "32, 128, 101377, SM_120A, 0, SHARED_MEMORY"
  })
  void countsResidentBlocks(
      int registers,
      int threads,
      int dynamicShared,
      Architecture architecture,
      int blocks,
      Occupancy.Limit limit) {
    Occupancy occupancy = Occupancy.of(architecture, kernel(registers, 0), threads, dynamicShared);
    assertThat(occupancy.blocks()).isEqualTo(blocks);
    assertThat(occupancy.limit()).isEqualTo(limit);
  }

  @Test
  void addsStaticSharedMemory() {
    Occupancy occupancy = Occupancy.of(Architecture.SM_86, kernel(32, 40_000), 64, 9_000);
    assertThat(occupancy.blocks()).isEqualTo(2);
    assertThat(occupancy.percent()).isEqualTo(8);
  }
}
