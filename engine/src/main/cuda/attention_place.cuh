// What a block of attention works on, and which keys its queries see.
#pragma once
#include "elements.cuh"

// The logit of a key that a query does not see; e to it is 0.
DEVICE float masked() { return float_of(0xff800000u); }

struct AttentionPlace {
  i32 queryRow, keyRow;       // first rows of the sequence
  int seen;                   // keys that the first query of the block sees under a causal mask, if all are live
  int column, sharedColumn;   // first of the head in q and out, in k and v
  int first, end;             // keys that any query of the block sees; nothing of the others is read
};

// Of a grid (blocks of QUERIES queries, heads, batch).
template <int QUERIES>
DEVICE AttentionPlace place_of_block(const AttentionCall& call) {
  const int sequence = block_z(), head = block_y(), query = block_x() * QUERIES;
  const int shared = (int)((i64)head * call.keyValueHeads / call.heads);
  // Queries are the last of the positions that have keys.
  AttentionPlace place = {sequence * call.queries, sequence * call.keys, query + 1 + call.keys - call.queries,
                          head * call.headDim, shared * call.headDim, 0, call.keys};
  if (call.causal) {
    const int behind = query + QUERIES < call.queries ? place.seen + QUERIES - 1 : call.keys;
    place.first = call.first[sequence];
    place.end = call.end[sequence] < behind ? call.end[sequence] : behind;
  }
  return place;
}

// One behind the last key that query number `query` of the block sees.
DEVICE int end_of_query(const AttentionCall& call, const AttentionPlace& place, int query) {
  const int seen = place.seen + query;
  return call.causal && seen < place.end ? seen : place.end;
}
