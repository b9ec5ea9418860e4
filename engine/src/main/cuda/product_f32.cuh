// Products of float32 rows: a block of 256 threads makes a tile of 64 x 64 of out, 16 columns a step, 4 x 4 a thread.
#pragma once
#include "epilogue.cuh"

constexpr int F32_THREADS = 256;
constexpr int F32_TILE = 64;
constexpr int F32_STEP = 16;
// Both sides lie with their columns as rows, 4 floats apart, so that a thread reads 4 neighbours at once.
constexpr int F32_PITCH = F32_TILE + 4;
constexpr u32 F32_SIDE = F32_STEP * F32_PITCH * 4;
// Elements of either side that a thread brings a step.
constexpr int F32_OWN = F32_TILE * F32_STEP / F32_THREADS;

DEVICE void shared_load_floats(float (&values)[4], u32 address) {
  const Quad quad = shared_load_quad(address);
  UNROLL
  for (int i = 0; i < 4; i++) {
    values[i] = float_of(quad.word[i]);
  }
}

// left(row, column) and right(row, column) give elements, 0 outside; `row` and `column` count from the tile's first in out.
template <class Left, class Right>
DEVICE void product_f32(Left left, Right right, int columns, const ProductEnd& end, int firstRow, int firstColumn) {
  const int k = thread_x() % F32_STEP, line = thread_x() / F32_STEP;
  float sums[4][4] = {};
  for (int step = 0; step < columns; step += F32_STEP) {
    block_barrier();
    UNROLL
    for (int i = 0; i < F32_OWN; i++) {
      const int row = line + i * (F32_TILE / F32_OWN);
      const u32 at = shared_base() + (k * F32_PITCH + row) * 4;
      shared_store_f32(at, left(firstRow + row, step + k));
      shared_store_f32(at + F32_SIDE, right(firstColumn + row, step + k));
    }
    block_barrier();
    UNROLL
    for (int depth = 0; depth < F32_STEP; depth++) {
      float a[4], b[4];
      shared_load_floats(a, shared_base() + (depth * F32_PITCH + line * 4) * 4);
      shared_load_floats(b, shared_base() + F32_SIDE + (depth * F32_PITCH + k * 4) * 4);
      UNROLL
      for (int i = 0; i < 16; i++) {
        sums[i / 4][i % 4] = multiply_add(a[i / 4], b[i % 4], sums[i / 4][i % 4]);
      }
    }
  }
  UNROLL
  for (int i = 0; i < 4; i++) {
    UNROLL
    for (int j = 0; j < 4; j += 2) {
      end_product(end, firstRow + line * 4 + i, firstColumn + k * 4 + j, {sums[i][j], sums[i][j + 1]});
    }
  }
}
