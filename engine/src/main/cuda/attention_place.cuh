// What a block of attention works on, and which keys its queries see.
#pragma once
#include "elements.cuh"

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

// One behind the last key whose weight is quick.
DEVICE int end_of_quick(const AttentionCall& call) { return call.q.type == BF16 ? call.keys / 16 * 16 : 0; }

// The logit of a key that a query does not see; e to it is 0.
DEVICE float masked() { return float_of(0xff800000u); }

struct AttentionPlace {
  i32 queryRow, keyRow;       // first rows of the sequence
  int query;                  // first query of the block
  int column, sharedColumn;   // first of the head in q and out, in k and v
  int first, end;             // keys that any query of the block sees; nothing of the others is read
};

// Of a grid (blocks of QUERIES queries, heads, batch).
template <int QUERIES>
DEVICE AttentionPlace place_of_block(const AttentionCall& call) {
  const int sequence = block_z(), head = block_y(), query = block_x() * QUERIES;
  const int shared = (int)((i64)head * call.keyValueHeads / call.heads);
  AttentionPlace place = {sequence * call.queries, sequence * call.keys, query,
                          head * call.headDim, shared * call.headDim, 0, call.keys};
  if (call.causal) {
    const int behind = query + QUERIES < call.queries ? query + QUERIES : call.queries;
    place.first = call.first[sequence];
    place.end = call.end[sequence] < behind ? call.end[sequence] : behind;
  }
  return place;
}

// One behind the last key that a query of the block sees.
DEVICE int end_of_query(const AttentionCall& call, const AttentionPlace& place, int query) {
  return call.causal && query + 1 < place.end ? query + 1 : place.end;
}
