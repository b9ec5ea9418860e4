// out = epilogue(R(x * weight^T + bias)): x (M, K), weight (N, K), out (M, N). A block makes one tile of out, grid
// (N / tile up, M / tile up). bfloat16: 128 threads, tiles of 128 or 64, tensor cores with float32 sums; dynamic shared bytes
// 98304 (128), 49152 (64), 32768 (any: x of any alignment, two stages). float32: 256 threads, tiles of 64, 8704 bytes.
// 2 M N K operations on (M + N) K + M N elements, and as many again as the epilogue reads; compute-bound from M = 300 on or so,
// below it memory-bound by the weight.
#include "product_f32.cuh"
#include "tile_order.cuh"
#include "tile_product.cuh"

template <int SIZE, int STAGES, class Left>
DEVICE void linear(const LinearCall& call) {
  const TilePlace place = place_of_block((call.out.rows + SIZE - 1) / SIZE);
  Left x{call.x, place.row * SIZE};
  AlignedRows<SIZE> weight{call.weight, place.column * SIZE};
  TileProduct<SIZE, STAGES> product;
  product.run(x, weight, steps_of(call.x.columns));
  product.end({call.out, call.bias, call.epilogue}, place.row * SIZE, place.column * SIZE);
}

KERNEL(128, 2) linear_bf16_128(ARGUMENT LinearCall call) { linear<128, 3, AlignedRows<128>>(call); }
REGISTER(linear_bf16_128)

KERNEL(128, 2) linear_bf16_64(ARGUMENT LinearCall call) { linear<64, 3, AlignedRows<64>>(call); }
REGISTER(linear_bf16_64)

KERNEL(128, 2) linear_bf16_any(ARGUMENT LinearCall call) { linear<64, 2, AnyRows<64>>(call); }
REGISTER(linear_bf16_any)

KERNEL(256, 2) linear_f32(ARGUMENT LinearCall call) {
  const TilePlace place = place_of_block((call.out.rows + F32_TILE - 1) / F32_TILE);
  const auto element = [](const Matrix& matrix, int row, int column) {
    const bool there = row < matrix.rows && column < matrix.columns;
    return there ? global_load((const float*)matrix.data + row * matrix.stride + column) : 0.f;
  };
  product_f32([&](int row, int column) { return element(call.x, row, column); },
              [&](int row, int column) { return element(call.weight, row, column); }, call.x.columns,
              {call.out, call.bias, call.epilogue}, place.row * F32_TILE, place.column * F32_TILE);
}
REGISTER(linear_f32)
