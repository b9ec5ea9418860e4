package dev.fluxgate.engine.backend.cuda.kernel;

import java.util.Locale;
import java.util.Optional;

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
  LAYER_NORM("norm", 256, 64),
  MODULATED_LAYER_NORM("norm", 256, 64),
  ROTATE("rotary", 128, 16),
  GROUP_NORM_STATISTICS("group_norm", 256, 64),
  GROUP_NORM_APPLY("group_norm", 256, Shared.UNASKED),
  UPSAMPLE_NEAREST("resample", 256, 0),
  EMBED("embedding", 256, 0),
  COPY("elementwise", 256, 0),
  SILU_ALL("elementwise", 256, 0),
  EULER_STEP("elementwise", 256, 0),
  GUIDE("elementwise", 256, 0),
  ADD("elementwise", 256, 0),
  BLEND("elementwise", 256, 0),
  FILL_RANDOM("random", 256, 0),
  TWIN_LINEAR("twin"),
  TWIN_CONVOLVE("twin"),
  TWIN_ATTENTION("twin"),
  TWIN_ROTATE("twin"),
  TWIN_RMS_NORM("twin"),
  TWIN_LAYER_NORM("twin"),
  TWIN_MODULATED_LAYER_NORM("twin"),
  TWIN_GROUP_NORM("twin"),
  TWIN_UPSAMPLE_NEAREST("twin"),
  TWIN_EMBED("twin"),
  TWIN_COPY("twin"),
  TWIN_SILU_ALL("twin"),
  TWIN_EULER_STEP("twin"),
  TWIN_GUIDE("twin"),
  TWIN_ADD("twin"),
  TWIN_BLEND("twin");

  /** Threads of a block of twins, each of which makes one element. */
  public static final int TWIN_THREADS = 128;

  /** What a name has behind that of the op. */
  private static final String VARIANT = "_(BF16_.*|F32|ANY|APPLY)$";

  private final String file;
  private final int threads;
  private final int sharedBytes;

  CudaKernel(String file, int threads, int sharedBytes) {
    this.file = file;
    this.threads = threads;
    this.sharedBytes = sharedBytes;
  }

  /** A twin: one thread a result. */
  CudaKernel(String file) {
    this(file, TWIN_THREADS, 0);
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

  /** Whether this is one of the naive kernels that judge the others on a device. */
  public boolean isTwin() {
    return file.equals("twin");
  }

  /**
   * The naive kernel of the same call: TWIN_ and the op. A fill is its own; there is none for a
   * kernel that only prepares what another finishes.
   */
  public Optional<CudaKernel> twin() {
    return switch (this) {
      case GROUP_NORM_STATISTICS -> Optional.empty();
      case FILL_RANDOM -> Optional.of(this);
      default -> Optional.of(valueOf("TWIN_" + name().replaceFirst(VARIANT, "")));
    };
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
