// Attention in float32, heads of up to 512 features, rows of any type and alignment: 16 queries of one head a block, 8 of its
// 128 threads a query. Keys come 32 at a time, features 64 (q, k) or 128 (v) at a time. Logits are made twice: 512 keys are
// weighed relative to one largest logit, as the implementation does that results are compared with.
#pragma once
#include "attention_place.cuh"

namespace attention_rows {

constexpr int THREADS = 128, QUERIES = 16, TEAM = THREADS / QUERIES;
constexpr int KEYS = 32, OWN_KEYS = KEYS / TEAM;
constexpr int SPAN = 512;
constexpr int FEATURES = 64, VALUES = 128, OWN_VALUES = VALUES / TEAM, MOST_FEATURES = 512;
// Floats from row to row: four banks on each time.
constexpr int GAP = 4, FEATURE_PITCH = FEATURES + GAP, VALUE_PITCH = VALUES + GAP, KEY_PITCH = KEYS + GAP;
constexpr u32 KEY_START = QUERIES * FEATURE_PITCH * 4;  // keys, then values in their place
constexpr u32 WEIGHT_START = KEY_START + KEYS * VALUE_PITCH * 4;
static_assert(WEIGHT_START + QUERIES * KEY_PITCH * 4 == 23552, "dynamic shared bytes of the kernel");

DEVICE int own_query() { return thread_x() / TEAM; }
DEVICE int member() { return thread_x() % TEAM; }

// Brings (rows, WIDTH) elements from (row, column) on to shared memory, zeros from `rowEnd` and from `columnEnd` on.
template <int WIDTH>
DEVICE void bring(const Matrix& matrix, int row, int rowEnd, int column, int columnEnd, int rows, u32 to) {
  for (int i = thread_x(); i < rows * WIDTH; i += THREADS) {
    const int r = i / WIDTH, c = i % WIDTH;
    const bool there = row + r < rowEnd && column + c < columnEnd;
    shared_store_f32(to + (r * (WIDTH + GAP) + c) * 4, there ? load_element(matrix, row + r, column + c) : 0.f);
  }
}

// The largest, or the sum, of a value over the threads of one query.
template <class Join>
DEVICE float over_team(float value, Join join) {
  UNROLL
  for (int mask = 1; mask < TEAM; mask *= 2) {
    value = join(value, shuffle_xor(value, mask));
  }
  return value;
}

// q k^T of the thread's query with every TEAM-th of the keys from `key` on.
DEVICE void products(const AttentionCall& call, const AttentionPlace& place, int key, float (&sums)[OWN_KEYS]) {
  UNROLL
  for (int i = 0; i < OWN_KEYS; i++) {
    sums[i] = 0.f;
  }
  for (int feature = 0; feature < call.headDim; feature += FEATURES) {
    block_barrier();
    bring<FEATURES>(call.q, place.queryRow + block_x() * QUERIES, place.queryRow + call.queries, place.column + feature,
                    place.column + call.headDim, QUERIES, shared_base());
    bring<FEATURES>(call.k, place.keyRow + key, place.keyRow + place.end, place.sharedColumn + feature,
                    place.sharedColumn + call.headDim, KEYS, shared_base() + KEY_START);
    block_barrier();
    for (int f = 0; f < FEATURES; f += 4) {
      const Quad left = shared_load_quad(shared_base() + (own_query() * FEATURE_PITCH + f) * 4);
      UNROLL
      for (int i = 0; i < OWN_KEYS; i++) {
        const int row = member() + i * TEAM;
        const Quad right = shared_load_quad(shared_base() + KEY_START + (row * FEATURE_PITCH + f) * 4);
        UNROLL
        for (int e = 0; e < 4; e++) {
          sums[i] = multiply_add(float_of(left.word[e]), float_of(right.word[e]), sums[i]);
        }
      }
    }
  }
}

// 2^power for power <= 0, to 10^-4 of itself: the bits of a float32 read as a number are a piecewise linear logarithm, which a
// cubic bends straight (Malossi, Ineichen, Bekas and Curioni 2015). Weights of bfloat16 are rounded more coarsely than that, and
// the implementation that results are compared with makes them so (docs/adr/0009): all but the last keys, sixteen at a time.
DEVICE float quick_exponential2(float power) {
  if (!(power >= -126.f)) {
    return power < -126.f ? 0.f : power;  // not a number stays so
  }
  float whole = (power + 12582912.f) - 12582912.f;  // the nearest integer, then the one below
  whole = whole > power ? whole - 1.f : whole;
  const float rest = power - whole;
  float bend = multiply_add(rest, -0.07920424f, -0.22433837f);
  bend = multiply_add(rest, bend, 0.3035426f);
  bend = multiply_add(rest, bend, 1.0703435e-4f);
  return float_of((u32)(i32)multiply_add(8388608.f, power - bend, 1065353216.f));
}

// The logit of `key` for the thread's query, from the product of the two.
DEVICE float logit_of(const AttentionCall& call, int key, float product) {
  const int query = block_x() * QUERIES + own_query();
  const float logit = product * call.scale;
  if (call.bias.data == nullptr || query >= call.queries) {
    return logit;
  }
  return logit + load_element(call.bias, (i64)block_y() * call.queries + query, key);
}

// One behind the last key whose weight is quick.
DEVICE int end_of_quick(const AttentionCall& call) { return call.q.type == BF16 ? call.quick : 0; }

// The weighted sum so far of one query; each thread of its team holds every TEAM-th quad of features.
struct Average {
  float largest, total;
  float sums[MOST_FEATURES / TEAM];

  // Weights are relative to the largest logit so far; before the first visible key all stays 0.
  MEMBER float base() const { return largest == masked() ? 0.f : largest; }

  // Makes `peak`, of logits to come, the largest if it is; shrinks what was summed.
  MEMBER void rise(float peak) {
    const float before = largest;
    largest = larger(largest, over_team(peak, [](float a, float b) { return larger(a, b); }));
    const float shrink = exponential(before - base());
    total *= shrink;
    UNROLL
    for (int i = 0; i < MOST_FEATURES / TEAM; i++) {
      sums[i] *= shrink;
    }
  }

  // Takes the exponentials of logits into the total and leaves them rounded in shared memory; the first `quick` of the 32 keys
  // take the quick ones.
  MEMBER void weigh(const float (&logits)[OWN_KEYS], i32 type, int quick) {
    UNROLL
    for (int i = 0; i < OWN_KEYS; i++) {
      const float power = logits[i] - base();
      const float weight = member() + i * TEAM < quick ? quick_exponential2(power * 1.442695f) : exponential(power);
      total += weight;
      const int at = own_query() * KEY_PITCH + member() + i * TEAM;
      shared_store_f32(shared_base() + WEIGHT_START + at * 4, rounded(weight, type));
    }
  }

  // sums += weights * v over `keys` keys from `key` on; the others weigh 0 and may be no numbers.
  MEMBER void add_values(const AttentionCall& call, const AttentionPlace& place, int key, int keys) {
    UNROLL
    for (int part = 0; part < MOST_FEATURES / VALUES; part++) {
      if (part * VALUES < call.headDim) {
        block_barrier();
        bring<VALUES>(call.v, place.keyRow + key, place.keyRow + place.end, place.sharedColumn + part * VALUES,
                      place.sharedColumn + call.headDim, KEYS, shared_base() + KEY_START);
        block_barrier();
        for (int k = 0; k < keys; k++) {
          const float weight = shared_load_f32(shared_base() + WEIGHT_START + (own_query() * KEY_PITCH + k) * 4);
          UNROLL
          for (int i = 0; i < OWN_VALUES; i += 4) {
            const u32 at = KEY_START + (k * VALUE_PITCH + member() * 4 + i * TEAM) * 4;
            const Quad value = shared_load_quad(shared_base() + at);
            UNROLL
            for (int e = 0; e < 4; e++) {
              float& sum = sums[part * OWN_VALUES + i + e];
              sum = multiply_add(weight, float_of(value.word[e]), sum);
            }
          }
        }
      }
    }
  }

  MEMBER void store(const AttentionCall& call, i64 row, int column, bool visible) const {
    const float sum = over_team(total, [](float a, float b) { return a + b; });
    UNROLL
    for (int i = 0; i < MOST_FEATURES / TEAM; i++) {
      const int feature = i / 4 * TEAM * 4 + member() * 4 + i % 4;
      if (feature < call.headDim && row >= 0) {
        store_element(call.out, row, column + feature, visible ? quotient(sums[i], sum) : 0.f);
      }
    }
  }
};

DEVICE void attend(const AttentionCall& call) {
  const AttentionPlace place = place_of_block<QUERIES>(call);
  Average average;
  average.largest = masked();
  average.total = 0.f;
  UNROLL
  for (int i = 0; i < MOST_FEATURES / TEAM; i++) {
    average.sums[i] = 0.f;
  }
  for (int span = place.first, next; span < place.end; span = next) {
    next = (span / SPAN + 1) * SPAN < place.end ? (span / SPAN + 1) * SPAN : place.end;
    const int end = end_of_query(call, place, own_query());
    const int visible = end < next ? end : next;
    float peak = masked();
    UNROLL_BY(1)
    for (int pass = 0; pass < 2; pass++) {
      UNROLL_BY(1)
      for (int key = span; key < next; key += KEYS) {
        float logits[OWN_KEYS];
        products(call, place, key, logits);
        UNROLL
        for (int i = 0; i < OWN_KEYS; i++) {
          const int own = key + member() + i * TEAM;
          logits[i] = own < visible ? logit_of(call, own, logits[i]) : masked();
          peak = larger(peak, logits[i]);
        }
        if (pass == 1) {
          average.weigh(logits, call.q.type, end_of_quick(call) - key);
          average.add_values(call, place, key, visible - key < KEYS ? visible - key : KEYS);
        }
      }
      if (pass == 0) {
        average.rise(peak);
      }
    }
  }
  const int query = block_x() * QUERIES + own_query();
  average.store(call, query < call.queries ? place.queryRow + query : -1, place.column,
                place.first < end_of_query(call, place, own_query()));
}

}  // namespace attention_rows
