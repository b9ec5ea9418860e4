// Rotary position embedding behind an optional RMS norm of each head. x, out (M, heads * headDim), tables (positions,
// headDim / 2), row r at position r mod positions. 128 threads a head of a row, grid (M, heads); 16 dynamic shared bytes, one sum
// of a block. x is read once from memory and once more from cache, out, which may be x, is written once; memory-bound.
#include "elements.cuh"
#include "reduction.cuh"

constexpr int THREADS = 128;

// 1 / root mean square of the head that starts at `from`.
DEVICE float head_factor(const RotationCall& call, int from, int width) {
  float squares = 0.f;
  for (int column = thread_x(); column < width; column += THREADS) {
    const float x = load_element(call.x, block_x(), from + column);
    squares = multiply_add(x, x, squares);
  }
  return inverse_root(block_sum<THREADS>(squares, shared_base()), (float)width, call.eps);
}

// Element `column` of the head that starts at `from`: R(w * x^) or R(w * R(x^)) behind a norm.
DEVICE float head_element(const RotationCall& call, int from, int column, float factor) {
  const float x = load_element(call.x, block_x(), from + column);
  if (call.weight == nullptr) {
    return x;
  }
  const i32 type = call.x.type;
  const float normed = call.order == ROUND_THEN_WEIGH ? rounded(x * factor, type) : x * factor;
  return rounded(global_load(call.weight + column) * normed, type);
}

// (a, b) -> (R(Rt(a cos) - Rt(b sin)), R(Rt(b cos) + Rt(a sin))), Rt the wider of the types of x and of the table
KERNEL(128, 4) rotate(ARGUMENT RotationCall call) {
  const int pairs = call.cos.columns;
  const int from = block_y() * 2 * pairs;
  const int position = block_x() % call.cos.rows;
  const i32 wide = call.x.type == BF16 && call.cos.type == BF16 ? BF16 : F32;
  const float factor = call.weight == nullptr ? 1.f : head_factor(call, from, 2 * pairs);
  for (int pair = thread_x(); pair < pairs; pair += THREADS) {
    const int first = call.pairing == ADJACENT ? 2 * pair : pair;
    const int second = call.pairing == ADJACENT ? first + 1 : first + pairs;
    const float a = head_element(call, from, first, factor);
    const float b = head_element(call, from, second, factor);
    const float cosine = load_element(call.cos, position, pair);
    const float sine = load_element(call.sin, position, pair);
    store_element(call.out, block_x(), from + first, rounded(a * cosine, wide) - rounded(b * sine, wide));
    store_element(call.out, block_x(), from + second, rounded(b * cosine, wide) + rounded(a * sine, wide));
  }
}
REGISTER(rotate)
