// out = softmax(scale * q k^T + mask) v for every sequence and head: q, out (batch * queries, heads * headDim), k, v (batch * keys,
// keyValueHeads * headDim). One pass over the keys; exponentials are relative to the largest logit so far, their sum is float32,
// and they are rounded to the type of q for the product with v. 4 queries keys headDim operations a head; q and out pass through
// memory once, k and v come from cache for every block; compute-bound. 128 threads a block.
//
// attention_bf16_64, attention_bf16_128: tensor cores; grid (queries / 64 up, heads, batch), dynamic shared bytes 24576, 49152.
// attention_any: float32 arithmetic, bound by it and shared memory; grid (queries / 16 up, heads, batch), 23552 bytes.
#include "attention_rows.cuh"
#include "attention_tiles.cuh"

template <int WIDTH>
DEVICE void attend(const AttentionCall& call) {
  attention_tiles::Heads<WIDTH> heads{call, place_of_block<attention_tiles::QUERIES>(call), {}, {}, {}};
  heads.attend();
}

KERNEL(128, 3) attention_bf16_64(ARGUMENT AttentionCall call) { attend<64>(call); }
REGISTER(attention_bf16_64)

KERNEL(128, 2) attention_bf16_128(ARGUMENT AttentionCall call) { attend<128>(call); }
REGISTER(attention_bf16_128)

KERNEL(128, 2) attention_any(ARGUMENT AttentionCall call) { attention_rows::attend(call); }
REGISTER(attention_any)
