// Sums over all threads of a block.
#pragma once
#include "primitives.cuh"

// Shared bytes that one sum of a block needs for itself.
template <int THREADS>
constexpr u32 SUM_BYTES = THREADS / 32 * 4;

// The sum of `value` over the block, the same in every thread. What the threads stored to shared memory before is visible after.
template <int THREADS>
DEVICE float block_sum(float value, u32 scratch) {
  UNROLL
  for (int mask = 16; mask > 0; mask /= 2) {
    value += shuffle_xor(value, mask);
  }
  if (thread_x() % 32 == 0) {
    shared_store_f32(scratch + thread_x() / 32 * 4, value);
  }
  block_barrier();
  float sum = 0.f;
  UNROLL
  for (int warp = 0; warp < THREADS / 32; warp++) {
    sum += shared_load_f32(scratch + warp * 4);
  }
  return sum;
}

// rsqrt(mean + eps) of a mean over `count` elements, exact but for its three roundings.
DEVICE float inverse_root(float sum, float count, float eps) {
  return quotient(1.f, square_root(quotient(sum, count) + eps));
}
