package dev.fluxgate.engine.backend.cuda.cubin;

/**
 * How many blocks of a kernel one multiprocessor holds at a time.
 *
 * @param blocks resident blocks
 * @param warps their warps
 * @param maxWarps warps that the multiprocessor could hold
 * @param limit what allows no more
 */
public record Occupancy(int blocks, int warps, int maxWarps, Limit limit) {
  private static final int WARP = 32;

  /** Registers are given out to a warp in portions of this many. */
  private static final int REGISTER_UNIT = 256;

  /** Warps share the register files of four schedulers evenly. */
  private static final int SCHEDULERS = 4;

  private static final int SHARED_UNIT = 128;

  /** Shared memory of every block that the system keeps for itself, from sm_80 on. */
  static final int RESERVED_SHARED = 1024;

  /** What runs out first. */
  public enum Limit {
    /** Registers. */
    REGISTERS,
    /** Shared memory. */
    SHARED_MEMORY,
    /** Threads. */
    THREADS,
    /** Blocks. */
    BLOCKS
  }

  /**
   * Of blocks with {@code threads} threads and {@code dynamicSharedBytes} beside the static ones;
   * no block at all fits if they take more than there is.
   */
  public static Occupancy of(
      Architecture architecture, KernelResources kernel, int threads, int dynamicSharedBytes) {
    int warps = Math.ceilDiv(threads, WARP);
    int registersOfWarp = Math.ceilDiv(kernel.registers() * WARP, REGISTER_UNIT) * REGISTER_UNIT;
    int warpsByRegisters =
        Architecture.REGISTERS / SCHEDULERS / Math.max(1, registersOfWarp) * SCHEDULERS;
    int shared = kernel.sharedBytes() + dynamicSharedBytes;
    int sharedOfBlock = Math.ceilDiv(shared + RESERVED_SHARED, SHARED_UNIT) * SHARED_UNIT;
    int maxWarps = architecture.threads() / WARP;
    int[] allowed = {
      warpsByRegisters / warps,
      shared > architecture.blockSharedBytes() ? 0 : architecture.sharedBytes() / sharedOfBlock,
      maxWarps / warps,
      architecture.blocks()
    };
    int least = 0;
    for (int i = 1; i < allowed.length; i++) {
      if (allowed[i] < allowed[least]) {
        least = i;
      }
    }
    return new Occupancy(allowed[least], allowed[least] * warps, maxWarps, Limit.values()[least]);
  }

  /** Share of the warps that could be resident, in percent. */
  public int percent() {
    return Math.round(100f * warps / maxWarps);
  }
}
