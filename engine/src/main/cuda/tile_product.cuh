// Products of bfloat16 rows on tensor cores: a block of 128 threads makes a square tile of out from SIZE rows of a left and SIZE
// rows of a right side, 64 columns a step, STAGES steps in shared memory. Its 4 warps make a quarter of the tile each.
//
// A side has begin(stage, step), which starts to bring the 64 columns of a step into a stage, and finish(stage, step), called
// after the multiplication that runs meanwhile. The left one says how many of the 4 multiplications of a step are UNROLLED: the
// more, the better loads hide, and the more registers it takes. Columns beyond the end, and rows beyond the last, must become
// zeros.
#pragma once
#include "epilogue.cuh"

constexpr int PRODUCT_THREADS = 128;
constexpr int STEP = 64;
constexpr int CHUNK = 8;  // elements of 16 bytes
constexpr int ROWS_AT_ONCE = PRODUCT_THREADS / (STEP / CHUNK);

DEVICE int steps_of(int columns) { return (columns + STEP - 1) / STEP; }

// Rows of a stage have 128 bytes. The chunks of a row are permuted so that eight rows of one chunk lie in all banks.
DEVICE u32 chunk_offset(int row, int chunk) { return (u32)(row * STEP * 2 + (chunk ^ row % 8) * 16); }

// What a thread brings of a side: this chunk of every step, in this row of every ROWS_AT_ONCE.
DEVICE int own_chunk() { return thread_x() % (STEP / CHUNK); }
DEVICE int own_row() { return thread_x() / (STEP / CHUNK); }

// `value` within [0, most].
DEVICE int clamped(int value, int most) { return value < 0 ? 0 : value > most ? most : value; }

// Rows of a matrix whose rows are aligned to 16 bytes, by asynchronous copies.
template <int SIZE>
struct AlignedRows {
  static constexpr int UNROLLED = 4;
  const Matrix& matrix;
  int first;

  MEMBER void begin(u32 stage, int step) const {
    const int column = step * STEP + own_chunk() * CHUNK;
    const int bytes = 2 * clamped(matrix.columns - column, CHUNK);
    UNROLL
    for (int i = 0; i < SIZE / ROWS_AT_ONCE; i++) {
      const int row = own_row() + i * ROWS_AT_ONCE;
      const bool there = first + row < matrix.rows && bytes > 0;
      const u16* from = (const u16*)matrix.data + (there ? (first + row) * matrix.stride + column : 0);
      copy_async_16(stage + chunk_offset(row, own_chunk()), from, there ? bytes : 0);
    }
  }
  MEMBER void finish(u32, int) const {}
};

// Rows of a matrix of any alignment, element by element through registers.
template <int SIZE>
struct AnyRows {
  static constexpr int UNROLLED = 4;
  const Matrix& matrix;
  int first;
  Quad held[SIZE / ROWS_AT_ONCE];

  MEMBER u32 element(int row, int column) const {
    const bool there = row < matrix.rows && column < matrix.columns;
    return there ? global_load((const u16*)matrix.data + row * matrix.stride + column) : 0;
  }
  MEMBER void begin(u32, int step) {
    const int column = step * STEP + own_chunk() * CHUNK;
    UNROLL
    for (int i = 0; i < SIZE / ROWS_AT_ONCE; i++) {
      const int row = first + own_row() + i * ROWS_AT_ONCE;
      UNROLL
      for (int w = 0; w < 4; w++) {
        held[i].word[w] = element(row, column + 2 * w) | element(row, column + 2 * w + 1) << 16;
      }
    }
  }
  MEMBER void finish(u32 stage, int) const {
    UNROLL
    for (int i = 0; i < SIZE / ROWS_AT_ONCE; i++) {
      shared_store_quad(stage + chunk_offset(own_row() + i * ROWS_AT_ONCE, own_chunk()), held[i]);
    }
  }
};

// A product of SIZE x SIZE. Dynamic shared memory: STAGES stages of both sides, at least as much as the sums take at the end.
template <int SIZE, int STAGES>
struct TileProduct {
  static constexpr int HALF = SIZE / 2;           // rows and columns of a warp
  static constexpr u32 SIDE = SIZE * STEP * 2;    // bytes
  static constexpr int PITCH = SIZE + 8;          // floats between rows of sums
  static_assert(SIZE * PITCH * 4 <= STAGES * 2 * SIDE, "the sums take more shared memory than the stages");

  float sums[HALF / 16][HALF / 8][4];

  MEMBER static int warp_row() { return thread_x() / 32 % 2 * HALF; }
  MEMBER static int warp_column() { return thread_x() / 64 * HALF; }
  MEMBER static u32 stage_of(int step) { return shared_base() + step % STAGES * (2 * SIDE); }

  // sums += left * right^T over 16 columns of a stage, from chunk `chunk` on.
  MEMBER void multiply(u32 stage, int chunk) {
    const int lane = thread_x() % 32;
    u32 left[HALF / 16][4], right[HALF / 16][4];
    UNROLL
    for (int i = 0; i < HALF / 16; i++) {
      load_matrices(left[i], stage + chunk_offset(warp_row() + i * 16 + lane % 16, chunk + lane / 16));
    }
    UNROLL
    for (int j = 0; j < HALF / 16; j++) {
      const int row = warp_column() + j * 16 + lane / 16 * 8 + lane % 8;
      load_matrices(right[j], stage + SIDE + chunk_offset(row, chunk + lane / 8 % 2));
    }
    multiply_bf16(sums, left, right);
  }

  template <class Left, class Right>
  MEMBER void run(Left& left, Right& right, int steps) {
    UNROLL
    for (int i = 0; i < HALF / 16 * (HALF / 8) * 4; i++) {
      sums[i / 4 / (HALF / 8)][i / 4 % (HALF / 8)][i % 4] = 0.f;
    }
    UNROLL
    for (int step = 0; step < STAGES - 1; step++) {
      if (step < steps) {
        left.begin(stage_of(step), step);
        right.begin(stage_of(step) + SIDE, step);
        left.finish(stage_of(step), step);
      }
      commit_copies();
    }
    for (int step = 0; step < steps; step++) {
      wait_copies<STAGES - 2>();
      block_barrier();  // this step has come for all threads, and all are done with the stage that the next copies fill
      const int next = step + STAGES - 1;
      if (next < steps) {
        left.begin(stage_of(next), next);
        right.begin(stage_of(next) + SIDE, next);
      }
      commit_copies();
      UNROLL_BY(Left::UNROLLED)
      for (int chunk = 0; chunk < STEP / CHUNK; chunk += 2) {
        multiply(stage_of(step), chunk);
      }
      if (next < steps) {
        left.finish(stage_of(next), next);
      }
    }
    wait_copies<0>();
  }

  // Stores the tile whose first element is (row, column). Sums go through shared memory, so that a warp stores whole rows.
  MEMBER void end(const ProductEnd& end, int row, int column) const {
    const int lane = thread_x() % 32;
    block_barrier();
    UNROLL
    for (int i = 0; i < HALF / 16; i++) {
      UNROLL
      for (int j = 0; j < HALF / 8; j++) {
        UNROLL
        for (int e = 0; e < 4; e++) {
          const int r = warp_row() + i * 16 + lane / 4 + e / 2 * 8;
          const int c = warp_column() + j * 8 + lane % 4 * 2 + e % 2;
          shared_store_f32(shared_base() + (r * PITCH + c) * 4, sums[i][j][e]);
        }
      }
    }
    block_barrier();
    const int c = thread_x() % HALF * 2;
    for (int r = thread_x() / HALF; r < SIZE; r += PRODUCT_THREADS / HALF) {
      const u32 at = shared_base() + (r * PITCH + c) * 4;
      end_product(end, (i64)row + r, column + c, {shared_load_f32(at), shared_load_f32(at + 4)});
    }
  }
};
