// Attention on tensor cores, bfloat16, heads of 64 or 128 features, rows aligned to 16 bytes: 64 queries of one head a block, 16 a
// warp, 64 keys a step. While logits are made of one step the values of it and the keys of the next come. Three buffers of 64
// rows: the keys of even and of odd steps, and the values, in whose place the queries come first.
#pragma once
#include "attention_place.cuh"

namespace attention_tiles {

constexpr int THREADS = 128, QUERIES = 64, KEYS = 64;
constexpr int CHUNK = 8;  // elements of 16 bytes

// A running softmax over the keys, rows lane / 4 and lane / 4 + 8 of the warp: the largest product so far, and this thread's share
// of the sum of exponentials.
struct Softmax {
  float largest[2], total[2];
};

template <int WIDTH>
struct Heads {
  static constexpr int CHUNKS = WIDTH / CHUNK;
  static constexpr u32 BUFFER = KEYS * WIDTH * 2;  // bytes

  const AttentionCall& call;
  const AttentionPlace place;
  u32 queries[WIDTH / 16][1][4];
  float logits[1][KEYS / 8][4];
  float sums[1][WIDTH / 8][4];

  // The chunks of a row are permuted so that eight rows of one chunk lie in all banks.
  static MEMBER u32 offset(int row, int chunk) { return (u32)(row * WIDTH * 2 + (chunk ^ row % 8) * 16); }
  static MEMBER u32 keys_of(int step) { return shared_base() + step % 2 * BUFFER; }
  static MEMBER u32 values() { return shared_base() + 2 * BUFFER; }

  // Starts to bring 64 rows of a head; zeros from row `end` on.
  static MEMBER void bring(const Matrix& matrix, int row, int end, int column, u32 to) {
    const int chunk = thread_x() % CHUNKS;
    UNROLL
    for (int r = thread_x() / CHUNKS; r < KEYS; r += THREADS / CHUNKS) {
      const bool there = row + r < end;
      const u16* from = (const u16*)matrix.data + (there ? (row + r) * matrix.stride + column + chunk * CHUNK : 0);
      copy_async_16(to + offset(r, chunk), from, there ? 16 : 0);
    }
  }
  MEMBER void bring_keys(int step) const {
    const int row = place.keyRow + place.first + step * KEYS;
    bring(call.k, row, place.keyRow + place.end, place.sharedColumn, keys_of(step));
  }
  MEMBER void bring_values(int step) const {
    const int row = place.keyRow + place.first + step * KEYS;
    bring(call.v, row, place.keyRow + place.end, place.sharedColumn, values());
  }

  // The first query of this thread in the block; the other is 8 further.
  static MEMBER int place_in_block() { return thread_x() / 32 * 16 + thread_x() % 32 / 4; }

  MEMBER void take_queries() {
    const int lane = thread_x() % 32, row = thread_x() / 32 * 16 + lane % 16;
    UNROLL
    for (int k = 0; k < WIDTH / 16; k++) {
      load_matrices(queries[k][0], values() + offset(row, k * 2 + lane / 16));
    }
  }

  // logits = q k^T, unscaled.
  MEMBER void multiply_keys(int step) {
    const int lane = thread_x() % 32;
    UNROLL
    for (int i = 0; i < KEYS / 8 * 4; i++) {
      logits[0][i / 4][i % 4] = 0.f;
    }
    UNROLL
    for (int k = 0; k < WIDTH / 16; k++) {
      u32 keys[KEYS / 16][4];
      UNROLL
      for (int j = 0; j < KEYS / 16; j++) {
        load_matrices(keys[j], keys_of(step) + offset(j * 16 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
      }
      multiply_bf16(logits, queries[k], keys);
    }
  }

  // Masks what a query does not see.
  MEMBER void mask(int step) {
    const int key = place.first + step * KEYS;
    const bool all = key + KEYS <= place.end && !(call.causal && key + KEYS > place.seen);
    if (all) {
      return;
    }
    UNROLL
    for (int i = 0; i < KEYS / 8 * 4; i++) {
      const int column = key + i / 4 * 8 + thread_x() % 4 * 2 + i % 2;
      if (column >= end_of_query(call, place, place_in_block() + i % 4 / 2 * 8)) {
        logits[0][i / 4][i % 4] = masked();
      }
    }
  }

  // Turns the logits into exponentials relative to the largest so far, 2^(factor * (logit - largest)); shrinks what was summed.
  MEMBER void exponentiate(Softmax& softmax, float factor) {
    UNROLL
    for (int half = 0; half < 2; half++) {
      float peak = softmax.largest[half];
      UNROLL
      for (int i = 0; i < KEYS / 4; i++) {
        peak = larger(peak, logits[0][i / 2][half * 2 + i % 2]);
      }
      peak = larger(peak, shuffle_xor(peak, 1));
      peak = larger(peak, shuffle_xor(peak, 2));
      const float base = peak == masked() ? 0.f : peak * factor;  // before the first visible key all stays 0
      const float shrink = exponential2(multiply_add(softmax.largest[half], factor, -base));
      softmax.largest[half] = peak;
      softmax.total[half] *= shrink;
      UNROLL
      for (int i = 0; i < WIDTH / 4; i++) {
        sums[0][i / 2][half * 2 + i % 2] *= shrink;
      }
      UNROLL
      for (int i = 0; i < KEYS / 4; i++) {
        float& logit = logits[0][i / 2][half * 2 + i % 2];
        logit = exponential2(multiply_add(logit, factor, -base));
        softmax.total[half] += logit;
      }
    }
  }

  // sums += R(exponentials) * v.
  MEMBER void multiply_values() {
    const int lane = thread_x() % 32;
    UNROLL
    for (int k = 0; k < KEYS / 16; k++) {
      u32 weights[1][4], columns[WIDTH / 16][4];
      UNROLL
      for (int i = 0; i < 4; i++) {
        const float(&pair)[4] = logits[0][k * 2 + i / 2];
        weights[0][i] = pack_bf16(pair[i % 2 * 2], pair[i % 2 * 2 + 1]);
      }
      UNROLL
      for (int j = 0; j < WIDTH / 16; j++) {
        load_matrices_transposed(columns[j], values() + offset(k * 16 + lane % 16, j * 2 + lane / 16));
      }
      multiply_bf16(sums, weights, columns);
    }
  }

  MEMBER void store(const Softmax& softmax) const {
    UNROLL
    for (int half = 0; half < 2; half++) {
      float total = softmax.total[half];
      total += shuffle_xor(total, 1);
      total += shuffle_xor(total, 2);
      const float inverse = total == 0.f ? 0.f : quotient(1.f, total);
      const int query = block_x() * QUERIES + place_in_block() + half * 8;
      if (query < call.queries) {
        UNROLL
        for (int j = 0; j < WIDTH / 8; j++) {
          const Pair pair = {sums[0][j][half * 2] * inverse, sums[0][j][half * 2 + 1] * inverse};
          store_pair(call.out, place.queryRow + query, place.column + j * 8 + thread_x() % 4 * 2, true, pair);
        }
      }
    }
  }

  MEMBER void attend() {
    const float factor = call.scale * 1.44269504f;  // log2(e)
    Softmax softmax = {{masked(), masked()}, {0.f, 0.f}};
    UNROLL
    for (int i = 0; i < WIDTH / 2; i++) {
      sums[0][i / 4][i % 4] = 0.f;
    }
    const int steps = (place.end - place.first + KEYS - 1) / KEYS;
    bring(call.q, place.queryRow + block_x() * QUERIES, place.queryRow + call.queries, place.column, values());
    bring_keys(0);
    commit_copies();
    wait_copies<0>();
    block_barrier();
    take_queries();
    for (int step = 0; step < steps; step++) {
      wait_copies<0>();
      block_barrier();  // the keys have come, and all are done with the values and the keys before
      bring_values(step);
      commit_copies();
      if (step + 1 < steps) {
        bring_keys(step + 1);
      }
      commit_copies();
      multiply_keys(step);
      mask(step);
      exponentiate(softmax, factor);
      wait_copies<1>();
      block_barrier();  // the values have come
      multiply_values();
    }
    store(softmax);
  }
};

}  // namespace attention_tiles
