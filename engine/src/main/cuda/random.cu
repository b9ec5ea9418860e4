// Weights for benchmarks: out(r, c) = offset + scale * n, n of mean 0 and variance 1, near normal: the sum of four uniform
// numbers, cut from one hash of seed and place, so that neither order nor launch geometry matters. Elements beyond the columns of
// out are not touched. 256 threads take 1024 columns of a row, grid as of elementwise.cu; memory-bound: out is written once.
#include "elements.cuh"

constexpr int THREADS = 256, PER_THREAD = 4;

// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of `state`.
DEVICE u64 mixed(u64 state) {
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ull;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebull;
  return state ^ (state >> 31);
}

DEVICE float near_normal(u64 bits) {
  // Four numbers of 0..65535: their sum has mean 2 * 65535 and variance 4 / 12 * 65536^2.
  const i32 sum = (i32)(bits & 0xffff) + (i32)(bits >> 16 & 0xffff) + (i32)(bits >> 32 & 0xffff) + (i32)(bits >> 48);
  return (float)(sum - 131070) * 2.64289e-5f;
}

KERNEL(256, 2) fill_random(ARGUMENT FillCall call) {
  const i64 row = block_y() + (i64)block_z() * 65535;
  if (row >= call.out.rows) {
    return;
  }
  UNROLL
  for (int i = 0; i < PER_THREAD; i++) {
    const int column = (block_x() * PER_THREAD + i) * THREADS + thread_x();
    if (column < call.out.columns) {
      const u64 place = (u64)row * (u64)call.out.columns + (u64)column;
      const u64 bits = mixed(call.seed + (place + 1) * 0x9e3779b97f4a7c15ull);
      store_element(call.out, row, column, call.offset + call.scale * near_normal(bits));
    }
  }
}
REGISTER(fill_random)
