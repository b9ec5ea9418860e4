// out = epilogue(R(x * filter + bias)), a cross-correlation, as a product whose left side is gathered on the way (pixels.cuh).
// x (batch, height, width, Cin), filter (Cout, kernel * kernel * channels), out (batch, outHeight, outWidth, Cout). A block makes
// a tile of pixels by output channels, grid (Cout / tile up, pixels / tile up), threads, tiles and dynamic shared bytes as in
// linear.cu: 98304 (128), 49152 (64), 32768 (any: x of any alignment), 8704 (float32). 2 pixels Cout kernel^2 Cin operations; x
// comes from memory once and from cache kernel^2 times; compute-bound from 64 channels on or so, else memory-bound.
#include "pixels.cuh"
#include "product_f32.cuh"
#include "tile_order.cuh"

template <int SIZE, int STAGES, class Left>
DEVICE void convolve(const ConvolutionCall& call) {
  const TilePlace place = place_of_block((call.out.rows + SIZE - 1) / SIZE);
  Left x(call, place.row * SIZE);
  AlignedRows<SIZE> filter{call.filter, place.column * SIZE};
  TileProduct<SIZE, STAGES> product;
  product.run(x, filter, steps_of(call.kernel * call.kernel * call.channels));
  product.end({call.out, call.bias, call.epilogue}, place.row * SIZE, place.column * SIZE);
}

KERNEL(128, 2) convolve_bf16_128(ARGUMENT ConvolutionCall call) { convolve<128, 3, AlignedPixels<128>>(call); }
REGISTER(convolve_bf16_128)

KERNEL(128, 2) convolve_bf16_64(ARGUMENT ConvolutionCall call) { convolve<64, 3, AlignedPixels<64>>(call); }
REGISTER(convolve_bf16_64)

KERNEL(128, 2) convolve_bf16_any(ARGUMENT ConvolutionCall call) { convolve<64, 2, AnyPixels<64>>(call); }
REGISTER(convolve_bf16_any)

KERNEL(256, 2) convolve_f32(ARGUMENT ConvolutionCall call) {
  const TilePlace place = place_of_block((call.out.rows + F32_TILE - 1) / F32_TILE);
  const int columns = call.kernel * call.kernel * call.channels;
  const auto pixel = [&](int row, int column) {
    const Tap tap = tap_of(call, column);
    const Corner corner = corner_of(call, row);
    const bool there = row < call.out.rows && tap.channels > 0 && inside(call, corner.y + tap.y, corner.x + tap.x);
    const i64 from = (i64)(corner.pixel + tap.y * call.width + tap.x) * call.x.stride + tap.channel;
    return there ? global_load((const float*)call.x.data + from) : 0.f;
  };
  const auto weight = [&](int row, int column) {
    const bool there = row < call.filter.rows && column < columns;
    return there ? global_load((const float*)call.filter.data + row * call.filter.stride + column) : 0.f;
  };
  product_f32(pixel, weight, columns, {call.out, call.bias, call.epilogue}, place.row * F32_TILE, place.column * F32_TILE);
}
REGISTER(convolve_f32)
