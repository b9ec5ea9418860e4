package dev.fluxgate.engine.random;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * torch's generator for CUDA devices: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011), every
 * thread of a launch with a sequence of its own (formats spec §7.6).
 *
 * <p>Which thread draws which element depends on how many threads the device has, so more elements
 * than {@link Device#threads} differ from one model of GPU to another. Logarithm, sine and cosine
 * are correctly rounded here and approximated there: float32 agrees to about 10⁻⁶ of itself.
 *
 * <p>Not for use by several threads at once.
 */
public final class PhiloxGenerator implements NoiseGenerator {
  private static final int ROUNDS = 10;
  private static final int FIRST_FACTOR = 0xD2511F53;
  private static final int SECOND_FACTOR = 0xCD9E8D57;
  private static final int FIRST_KEY_STEP = 0x9E3779B9;
  private static final int SECOND_KEY_STEP = 0xBB67AE85;

  /** Threads of a block of the launch that draws. */
  private static final int BLOCK_THREADS = 256;

  /** Words, and so normals, that a thread draws at a time. */
  private static final int WORDS = 4;

  /** 2⁻³² and 2⁻³³ in float32, once for (0, 1] and once for a turn. */
  private static final float STEP = 0x1p-32f;

  private static final float HALF_STEP = 0x1p-33f;
  private static final float TURN = (float) (2 * Math.PI);

  private final long seed;
  private final Device device;
  private long offset;

  /**
   * What of a GPU decides the order of the elements.
   *
   * @param multiprocessors streaming multiprocessors
   * @param threadsPerMultiprocessor threads that one of them holds at most
   */
  public record Device(int multiprocessors, int threadsPerMultiprocessor) {
    /** H100 SXM: what is meant where nothing is said. */
    public static final Device H100 = new Device(132, 2048);

    /** Checks that whole blocks of 256 threads fit. */
    public Device {
      if (multiprocessors < 1
          || threadsPerMultiprocessor < BLOCK_THREADS
          || (long) multiprocessors * threadsPerMultiprocessor > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "device: %d multiprocessors of %d threads (expected: at least 1 of at least %d)"
                .formatted(multiprocessors, threadsPerMultiprocessor, BLOCK_THREADS));
      }
    }

    /**
     * A device of {@code threads} in all.
     *
     * @throws IllegalArgumentException if that is no positive multiple of 256
     */
    public static Device ofThreads(int threads) {
      if (threads < BLOCK_THREADS || threads % BLOCK_THREADS != 0) {
        throw new IllegalArgumentException(
            "threads: %d (expected: a positive multiple of %d)".formatted(threads, BLOCK_THREADS));
      }
      return new Device(threads / BLOCK_THREADS, BLOCK_THREADS);
    }

    /** Threads that draw at the same time, a multiple of 256. */
    public int threads() {
      return multiprocessors * (threadsPerMultiprocessor / BLOCK_THREADS) * BLOCK_THREADS;
    }
  }

  /** A generator of {@link Device#H100} in the state after {@code manual_seed(seed)}. */
  public PhiloxGenerator(long seed) {
    this(seed, Device.H100);
  }

  /**
   * A generator in the state after {@code manual_seed(seed)}.
   *
   * @param seed as two's complement, all 64 bits count
   * @param device whose order of elements is wanted
   */
  public PhiloxGenerator(long seed, Device device) {
    this.seed = seed;
    this.device = device;
  }

  @Override
  public HostTensor randn(Shape shape, DType dtype) {
    if (dtype != DType.F32 && dtype != DType.BF16 && dtype != DType.F16) {
      throw new IllegalArgumentException("dtype: " + dtype + " (expected: F32, BF16 or F16)");
    }
    float[] x = new float[Math.toIntExact(shape.count())];
    if (x.length > 0) {
      long wanted = Math.ceilDiv((long) x.length, BLOCK_THREADS) * BLOCK_THREADS;
      int threads = (int) Math.min(wanted, device.threads());
      int turns = (int) Math.ceilDiv((long) x.length, (long) WORDS * threads);
      int[] words = new int[WORDS];
      float[] normals = new float[WORDS];
      for (int turn = 0; turn < turns; turn++) {
        for (int thread = 0; thread < threads; thread++) {
          draw(offset / WORDS + turn, thread, words);
          transform(words, 0, normals);
          transform(words, 2, normals);
          for (int i = 0; i < WORDS; i++) {
            long element = thread + threads * ((long) WORDS * turn + i);
            if (element < x.length) {
              x[(int) element] = normals[i];
            }
          }
        }
      }
      offset += (long) WORDS * turns;
    }
    return HostTensor.of(dtype, shape, x);
  }

  /** Ten rounds on the counter (block, thread) under the key of the seed. */
  private void draw(long block, int thread, int[] words) {
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = thread;
    int c3 = 0;
    int firstKey = (int) seed;
    int secondKey = (int) (seed >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long first = Integer.toUnsignedLong(FIRST_FACTOR) * Integer.toUnsignedLong(c0);
      long second = Integer.toUnsignedLong(SECOND_FACTOR) * Integer.toUnsignedLong(c2);
      c0 = (int) (second >>> 32) ^ c1 ^ firstKey;
      c1 = (int) second;
      c2 = (int) (first >>> 32) ^ c3 ^ secondKey;
      c3 = (int) first;
      firstKey += FIRST_KEY_STEP;
      secondKey += SECOND_KEY_STEP;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
  }

  /** Two words → two normals, in the same places: radius of the first, angle of the second. */
  private static void transform(int[] words, int at, float[] normals) {
    float u = Math.fma(unsigned(words[at]), STEP, HALF_STEP);
    float v = Math.fma(unsigned(words[at + 1]), STEP * TURN, HALF_STEP * TURN);
    double radius = Math.sqrt(-2 * Math.log(u));
    normals[at] = (float) (radius * Math.sin(v));
    normals[at + 1] = (float) (radius * Math.cos(v));
  }

  private static float unsigned(int word) {
    return Integer.toUnsignedLong(word);
  }
}
