package dev.fluxgate.engine.random;

/** MT19937 (Matsumoto and Nishimura, 1998) as torch seeds and reads it (formats spec §7.1). */
final class MersenneTwister {
  private static final int SIZE = 624;
  private static final int OFFSET = 397;
  private static final int MATRIX = 0x9908b0df;

  private final int[] state = new int[SIZE];
  private int next = SIZE;

  /** Only the low 32 bits of {@code seed} matter. */
  MersenneTwister(long seed) {
    state[0] = (int) seed;
    for (int i = 1; i < SIZE; i++) {
      int previous = state[i - 1];
      state[i] = 1812433253 * (previous ^ (previous >>> 30)) + i;
    }
  }

  /** 32 random bits. */
  int next32() {
    if (next == SIZE) {
      twist();
      next = 0;
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** 64 random bits: two draws, the first one on top. */
  long next64() {
    long high = Integer.toUnsignedLong(next32());
    return (high << 32) | Integer.toUnsignedLong(next32());
  }

  /** Uniform in [0, 1) with 24 bits, one draw. */
  float nextFloat() {
    return (next32() & 0xFFFFFF) * 0x1p-24f;
  }

  /** Uniform in [0, 1) with 53 bits, two draws. */
  double nextDouble() {
    return (next64() & ((1L << 53) - 1)) * 0x1p-53;
  }

  private void twist() {
    for (int i = 0; i < SIZE; i++) {
      int mixed = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      int twisted = (mixed >>> 1) ^ ((mixed & 1) == 0 ? 0 : MATRIX);
      state[i] = state[(i + OFFSET) % SIZE] ^ twisted;
    }
  }
}
