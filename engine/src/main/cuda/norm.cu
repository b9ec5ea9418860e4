// Norms over the rows of x (M, N). One block of 256 threads a row, grid (M); 64 dynamic shared bytes, two sums of a block. x is
// read once from memory and once or twice more from cache, out is written once: 4 N bytes a row in bfloat16; memory-bound.
#include "elements.cuh"
#include "reduction.cuh"

constexpr int THREADS = 256;

// The sum over the row of what `term` makes of each element.
template <class Term>
DEVICE float row_sum(const Matrix& x, u32 scratch, Term term) {
  float sum = 0.f;
  for (int column = thread_x(); column < x.columns; column += THREADS) {
    sum = term(load_element(x, block_x(), column), sum);
  }
  return block_sum<THREADS>(sum, scratch);
}

// out = R(w * R(x * rsqrt(mean(x^2) + eps)))
KERNEL(256, 2) rms_norm(ARGUMENT RmsNormCall call) {
  const float squares = row_sum(call.x, shared_base(), [](float x, float sum) { return multiply_add(x, x, sum); });
  const float factor = inverse_root(squares, (float)call.x.columns, call.eps);
  for (int column = thread_x(); column < call.x.columns; column += THREADS) {
    const float normed = rounded(load_element(call.x, block_x(), column) * factor, call.out.type);
    store_element(call.out, block_x(), column, global_load(call.weight + column) * normed);
  }
}
REGISTER(rms_norm)

// The mean of a row, and what its distances from it are divided by.
struct Spread {
  float mean, factor;
};

DEVICE Spread spread_of(const Matrix& x, float eps) {
  const float count = (float)x.columns;
  const u32 scratch = shared_base();
  const float mean = quotient(row_sum(x, scratch, [](float value, float sum) { return sum + value; }), count);
  const float squares = row_sum(x, scratch + SUM_BYTES<THREADS>,
                                [=](float value, float sum) { return multiply_add(value - mean, value - mean, sum); });
  return {mean, inverse_root(squares, count, eps)};
}

// out = R(w * LN(x) + b), LN(x) = (x - mean) * rsqrt(variance + eps)
KERNEL(256, 2) layer_norm(ARGUMENT LayerNormCall call) {
  const Spread spread = spread_of(call.x, call.eps);
  for (int column = thread_x(); column < call.x.columns; column += THREADS) {
    const float normed = (load_element(call.x, block_x(), column) - spread.mean) * spread.factor;
    const float bias = global_load(call.bias + column);
    store_element(call.out, block_x(), column, multiply_add(global_load(call.weight + column), normed, bias));
  }
}
REGISTER(layer_norm)

// out = R(R(R(1 + scale) * R(LN(x))) + shift), LN(x) = (x - mean) * rsqrt(variance + eps)
KERNEL(256, 2) modulated_layer_norm(ARGUMENT ModulationCall call) {
  const Spread spread = spread_of(call.x, call.eps);
  const i32 type = call.out.type;
  for (int column = thread_x(); column < call.x.columns; column += THREADS) {
    const float normed = rounded((load_element(call.x, block_x(), column) - spread.mean) * spread.factor, type);
    const float gain = rounded(1.f + load_element(call.scale, 0, column), type);
    const float scaled = rounded(gain * normed, type);
    store_element(call.out, block_x(), column, scaled + load_element(call.shift, 0, column));
  }
}
REGISTER(modulated_layer_norm)
