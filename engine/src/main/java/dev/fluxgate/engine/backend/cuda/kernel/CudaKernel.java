package dev.fluxgate.engine.backend.cuda.kernel;

import java.util.Locale;

/**
 * The catalogue of kernels: in which file each lies, how many threads a block has, and how much
 * dynamic shared memory. {@code engine/src/main/cuda} says what each computes and over which grid.
 */
public enum CudaKernel {
  LINEAR_BF16_128("linear", 128, Shared.STAGES_OF_128),
  LINEAR_BF16_64("linear", 128, Shared.STAGES_OF_64),
  LINEAR_BF16_ANY("linear", 128, Shared.REGISTERED_STAGES),
  LINEAR_F32("linear", 256, Shared.STAGES_OF_F32),
  CONVOLVE_BF16_128("convolution", 128, Shared.STAGES_OF_128),
  CONVOLVE_BF16_64("convolution", 128, Shared.STAGES_OF_64),
  CONVOLVE_BF16_ANY("convolution", 128, Shared.REGISTERED_STAGES),
  CONVOLVE_F32("convolution", 256, Shared.STAGES_OF_F32),
  ATTENTION_BF16_64("attention", 128, 24576),
  ATTENTION_BF16_128("attention", 128, 49152),
  ATTENTION_ANY("attention", 128, 23552),
  RMS_NORM("norm", 256, 64),
  MODULATED_LAYER_NORM("norm", 256, 64),
  ROTATE("rotary", 128, 16),
  GROUP_NORM_STATISTICS("group_norm", 256, 64),
  GROUP_NORM_APPLY("group_norm", 256, Shared.UNASKED),
  UPSAMPLE_NEAREST("resample", 256, 0),
  EMBED("embedding", 256, 0),
  COPY("elementwise", 256, 0),
  SILU_ALL("elementwise", 256, 0),
  EULER_STEP("elementwise", 256, 0),
  GUIDE("elementwise", 256, 0);

  private final String file;
  private final int threads;
  private final int sharedBytes;

  CudaKernel(String file, int threads, int sharedBytes) {
    this.file = file;
    this.threads = threads;
    this.sharedBytes = sharedBytes;
  }

  /** Dynamic shared memory that several kernels have in common, in bytes. */
  private static final class Shared {
    /** Three stages of two tiles of 128 rows by 64 columns of bfloat16. */
    static final int STAGES_OF_128 = 3 * (128 + 128) * 64 * 2;

    /** Three stages of two tiles of 64 rows by 64 columns of bfloat16. */
    static final int STAGES_OF_64 = 3 * (64 + 64) * 64 * 2;

    /** Two stages of the same, filled through registers. */
    static final int REGISTERED_STAGES = 2 * (64 + 64) * 64 * 2;

    /** What every device gives without being asked. */
    static final int UNASKED = 48 << 10;

    /** Two tiles of 64 rows by 16 columns of float32, padded. */
    static final int STAGES_OF_F32 = 8704;
  }

  /** The source file, without its ending. */
  public String file() {
    return file;
  }

  /** The name under which the image exports it. */
  public String symbol() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Threads of a block. */
  public int threads() {
    return threads;
  }

  /** The most dynamic shared memory of a block. */
  public int sharedBytes() {
    return sharedBytes;
  }
}
