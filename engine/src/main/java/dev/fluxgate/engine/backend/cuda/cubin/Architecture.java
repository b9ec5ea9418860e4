package dev.fluxgate.engine.backend.cuda.cubin;

import java.util.Locale;

/**
 * The architectures that kernels are compiled for, with the limits of one multiprocessor (CUDA C++
 * Programming Guide, technical specifications per compute capability).
 */
public enum Architecture {
  /** A100. */
  SM_80(163, 164, 2048, 32),
  /** GeForce 30. */
  SM_86(99, 100, 1536, 16),
  /** GeForce 40. */
  SM_89(99, 100, 1536, 24),
  /** H100, H200. */
  SM_90A(227, 228, 2048, 32),
  /** GeForce 50. */
  SM_120A(99, 100, 1536, 24);

  /** Registers of a multiprocessor, on all of them. */
  static final int REGISTERS = 65536;

  private final int blockSharedKibibytes;
  private final int sharedKibibytes;
  private final int threads;
  private final int blocks;

  Architecture(int blockSharedKibibytes, int sharedKibibytes, int threads, int blocks) {
    this.blockSharedKibibytes = blockSharedKibibytes;
    this.sharedKibibytes = sharedKibibytes;
    this.threads = threads;
    this.blocks = blocks;
  }

  /** Name as the compiler takes it: {@code sm_86}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Most bytes of shared memory that one block may have. */
  public int blockSharedBytes() {
    return blockSharedKibibytes << 10;
  }

  int sharedBytes() {
    return sharedKibibytes << 10;
  }

  int threads() {
    return threads;
  }

  int blocks() {
    return blocks;
  }
}
