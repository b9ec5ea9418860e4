// Element by element: out is read and written once. 256 threads take 1024 columns of one row a block, grid (columns / 1024 up,
// rows); memory-bound.
#include "elements.cuh"

constexpr int THREADS = 256, PER_THREAD = 4;

template <class Value>
DEVICE void each_element(const Matrix& out, Value value) {
  const i64 row = block_y() + (i64)block_z() * 65535;
  if (row >= out.rows) {
    return;
  }
  UNROLL
  for (int i = 0; i < PER_THREAD; i++) {
    const int column = (block_x() * PER_THREAD + i) * THREADS + thread_x();
    if (column < out.columns) {
      store_element(out, row, column, value(row, column));
    }
  }
}

// out = R(a)
KERNEL(256, 2) copy(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) { return load_element(call.a, row, column); });
}
REGISTER(copy)

// out = R(a / (1 + exp(-a)))
KERNEL(256, 2) silu_all(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) { return silu(load_element(call.a, row, column)); });
}
REGISTER(silu_all)

// out = R(a + Rv(Rv(factor) * b)), Rv rounding to the type of b
KERNEL(256, 2) euler_step(ARGUMENT ElementwiseCall call) {
  const float dt = rounded(call.factor, call.b.type);
  each_element(call.out, [&](i64 row, int column) {
    return load_element(call.a, row, column) + rounded(dt * load_element(call.b, row, column), call.b.type);
  });
}
REGISTER(euler_step)

// out = R(a + R(factor * R(b - a)))
KERNEL(256, 2) guide(ARGUMENT ElementwiseCall call) {
  const i32 type = call.out.type;
  each_element(call.out, [&](i64 row, int column) {
    const float negative = load_element(call.a, row, column);
    const float difference = rounded(load_element(call.b, row, column) - negative, type);
    return negative + rounded(call.factor * difference, type);
  });
}
REGISTER(guide)

// out = R(a + b)
KERNEL(256, 2) add(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) { return load_element(call.a, row, column) + load_element(call.b, row, column); });
}
REGISTER(add)

// out = R(R(R(1 - mask) * kept) + R(mask * repainted))
KERNEL(256, 2) blend(ARGUMENT BlendCall call) {
  const i32 type = call.out.type;
  each_element(call.out, [&](i64 row, int column) {
    const float share = load_element(call.mask, row, 0);
    const float kept = rounded(rounded(1.f - share, type) * load_element(call.kept, row, column), type);
    return kept + rounded(share * load_element(call.repainted, row, column), type);
  });
}
REGISTER(blend)
