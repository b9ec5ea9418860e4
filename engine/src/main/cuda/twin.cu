// Every op once more, as its formula reads: one thread an element of out, sums in float64, no shared memory, nothing clever. On a
// GPU these judge the kernels, with the same calls. 128 threads a block, grid (elements of out / 128 up). An element pays for the
// whole sum behind it: for tests, at sizes where that is bearable. out may not be an input.
#include "elements.cuh"

constexpr int THREADS = 128;

// out = R(value(row, column)), element by element.
template <class Value>
DEVICE void each_element(const Matrix& out, Value value) {
  const i64 index = (i64)block_x() * THREADS + thread_x();
  const i64 row = index / out.columns;
  if (row < out.rows) {
    store_element(out, row, index - row * out.columns, (float)value(row, (int)(index - row * out.columns)));
  }
}

DEVICE float rounded_sum(double sum, i32 type) { return rounded((float)sum, type); }

// What becomes of a sum at (row, column), before the last rounding.
DEVICE float finished(const Epilogue& epilogue, const float* bias, i32 type, double sum, i64 row, int column) {
  const float product = rounded_sum(bias == nullptr ? sum : sum + global_load(bias + column), type);
  if (epilogue.kind >= SILU && epilogue.kind <= GELU_QUICK) {
    return activated(epilogue.kind, product, type);
  }
  if (epilogue.kind == ADD_BIAS) {
    return product + global_load(epilogue.bias + column);
  }
  if (epilogue.kind == MULTIPLY) {
    return load_element(epilogue.operand, row, column) * product;
  }
  if (epilogue.kind == ADD) {
    return load_element(epilogue.operand, row, column) + product;
  }
  if (epilogue.kind == GATED_ADD) {
    const float gated = rounded(load_element(epilogue.gate, 0, column) * product, type);
    return load_element(epilogue.operand, row, column) + gated;
  }
  return product;
}

KERNEL(128, 2) twin_linear(ARGUMENT LinearCall call) {
  each_element(call.out, [&](i64 row, int column) {
    double sum = 0;
    for (int k = 0; k < call.x.columns; k++) {
      sum += (double)load_element(call.x, row, k) * load_element(call.weight, column, k);
    }
    return finished(call.epilogue, call.bias, call.out.type, sum, row, column);
  });
}
REGISTER(twin_linear)

KERNEL(128, 2) twin_convolve(ARGUMENT ConvolutionCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const int x = (int)(row % call.outWidth), y = (int)(row / call.outWidth % call.outHeight);
    const i64 picture = row / call.outWidth / call.outHeight;
    double sum = 0;
    for (int tap = 0; tap < call.kernel * call.kernel; tap++) {
      const int fromY = y * call.stride - call.padBefore + tap / call.kernel;
      const int fromX = x * call.stride - call.padBefore + tap % call.kernel;
      if (fromY >= 0 && fromY < call.height && fromX >= 0 && fromX < call.width) {
        const i64 pixel = (picture * call.height + fromY) * call.width + fromX;
        for (int c = 0; c < call.x.columns; c++) {
          sum += (double)load_element(call.x, pixel, c) * load_element(call.filter, column, tap * call.channels + c);
        }
      }
    }
    return finished(call.epilogue, call.bias, call.out.type, sum, row, column);
  });
}
REGISTER(twin_convolve)

KERNEL(128, 2) twin_attention(ARGUMENT AttentionCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const int sequence = (int)(row / call.queries), query = (int)(row - (i64)sequence * call.queries);
    const int head = column / call.headDim;
    const int shared = head * call.keyValueHeads / call.heads * call.headDim;
    const int first = call.causal ? call.first[sequence] : 0;
    const int ahead = call.keys - call.queries + 1;
    const int seen = call.causal && query + ahead < call.end[sequence] ? query + ahead : call.end[sequence];
    const int end = call.causal ? seen : call.keys;
    const i64 keys = (i64)sequence * call.keys;
    const auto logit = [&](int key) {
      double sum = 0;
      for (int k = 0; k < call.headDim; k++) {
        sum += (double)load_element(call.q, row, head * call.headDim + k) * load_element(call.k, keys + key, shared + k);
      }
      const i64 own = (i64)head * call.queries + query;
      return (float)(sum * call.scale + (call.bias.data == nullptr ? 0. : load_element(call.bias, own, key)));
    };
    float largest = float_of(0xff800000u);
    for (int key = first; key < end; key++) {
      largest = larger(largest, logit(key));
    }
    double sum = 0, total = 0;
    for (int key = first; key < end; key++) {
      const float weight = exponential(logit(key) - largest);
      total += weight;
      sum += (double)rounded(weight, call.q.type) * load_element(call.v, keys + key, shared + column % call.headDim);
    }
    return first < end ? sum / total : 0.;
  });
}
REGISTER(twin_attention)

KERNEL(128, 2) twin_rotate(ARGUMENT RotationCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const int pairs = call.cos.columns, head = column / (2 * pairs) * 2 * pairs, feature = column - head;
    double squares = 0;
    for (int i = 0; i < 2 * pairs; i++) {
      squares += (double)load_element(call.x, row, head + i) * load_element(call.x, row, head + i);
    }
    const float factor = quotient(1.f, square_root((float)(squares / (2 * pairs)) + call.eps));
    const auto element = [&](int i) {
      const float x = load_element(call.x, row, head + i);
      if (call.weight == nullptr) {
        return x;
      }
      const float normed = call.order == ROUND_THEN_WEIGH ? rounded(x * factor, call.x.type) : x * factor;
      return rounded(global_load(call.weight + i) * normed, call.x.type);
    };
    const bool second = call.pairing == ADJACENT ? feature % 2 == 1 : feature >= pairs;
    const int pair = call.pairing == ADJACENT ? feature / 2 : feature % pairs;
    const int other = call.pairing == ADJACENT ? feature ^ 1 : (feature + pairs) % (2 * pairs);
    const i32 wide = call.x.type == BF16 && call.cos.type == BF16 ? BF16 : F32;
    const float along = rounded(element(feature) * load_element(call.cos, row % call.cos.rows, pair), wide);
    const float across = rounded(element(other) * load_element(call.sin, row % call.sin.rows, pair), wide);
    return second ? along + across : along - across;
  });
}
REGISTER(twin_rotate)

KERNEL(128, 2) twin_rms_norm(ARGUMENT RmsNormCall call) {
  each_element(call.out, [&](i64 row, int column) {
    double squares = 0;
    for (int i = 0; i < call.x.columns; i++) {
      squares += (double)load_element(call.x, row, i) * load_element(call.x, row, i);
    }
    const float factor = quotient(1.f, square_root((float)(squares / call.x.columns) + call.eps));
    return global_load(call.weight + column) * rounded(load_element(call.x, row, column) * factor, call.out.type);
  });
}
REGISTER(twin_rms_norm)

// (x - mean) * rsqrt(variance + eps) of the mean and variance of `count` elements that element(0 ...) gives.
template <class Element>
DEVICE float normed(float x, i64 count, float eps, Element element) {
  double sum = 0, squares = 0;
  for (i64 i = 0; i < count; i++) {
    sum += element(i);
  }
  const double mean = sum / count;
  for (i64 i = 0; i < count; i++) {
    squares += (element(i) - mean) * (element(i) - mean);
  }
  return (float)(x - mean) * quotient(1.f, square_root((float)(squares / count) + eps));
}

KERNEL(128, 2) twin_layer_norm(ARGUMENT LayerNormCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const float value = normed(load_element(call.x, row, column), call.x.columns, call.eps,
                               [&](i64 i) { return (double)load_element(call.x, row, i); });
    return value * global_load(call.weight + column) + global_load(call.bias + column);
  });
}
REGISTER(twin_layer_norm)

KERNEL(128, 2) twin_modulated_layer_norm(ARGUMENT ModulationCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const i32 type = call.out.type;
    const float value = normed(load_element(call.x, row, column), call.x.columns, call.eps,
                               [&](i64 i) { return (double)load_element(call.x, row, i); });
    const float gain = rounded(1.f + load_element(call.scale, 0, column), type);
    return rounded(gain * rounded(value, type), type) + load_element(call.shift, 0, column);
  });
}
REGISTER(twin_modulated_layer_norm)

KERNEL(128, 2) twin_group_norm(ARGUMENT GroupNormCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const int width = call.x.columns / call.groups;
    const i64 first = row / call.pixels * call.pixels;
    const float value = normed(load_element(call.x, row, column), (i64)call.pixels * width, call.eps, [&](i64 i) {
      return (double)load_element(call.x, first + i / width, column / width * width + i % width);
    });
    const float weighed = value * global_load(call.weight + column) + global_load(call.bias + column);
    return call.activation == SILU ? silu(rounded(weighed, call.out.type)) : weighed;
  });
}
REGISTER(twin_group_norm)

KERNEL(128, 2) twin_upsample_nearest(ARGUMENT UpsampleCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const i64 line = row / (2 * call.width), x = row % (2 * call.width);
    return load_element(call.x, line / 2 * call.width + x / 2, column);
  });
}
REGISTER(twin_upsample_nearest)

KERNEL(128, 2) twin_embed(ARGUMENT EmbeddingCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const i64 at = row / call.ids.columns * call.ids.stride + row % call.ids.columns;
    return load_element(call.table, global_load((const i32*)call.ids.data + at), column);
  });
}
REGISTER(twin_embed)

KERNEL(128, 2) twin_copy(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) { return load_element(call.a, row, column); });
}
REGISTER(twin_copy)

KERNEL(128, 2) twin_silu_all(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) { return silu(load_element(call.a, row, column)); });
}
REGISTER(twin_silu_all)

KERNEL(128, 2) twin_euler_step(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const i32 type = call.b.type;
    const float velocity = load_element(call.b, row, column);
    return load_element(call.a, row, column) + rounded(rounded(call.factor, type) * velocity, type);
  });
}
REGISTER(twin_euler_step)

KERNEL(128, 2) twin_guide(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const i32 type = call.out.type;
    const float negative = load_element(call.a, row, column);
    return negative + rounded(call.factor * rounded(load_element(call.b, row, column) - negative, type), type);
  });
}
REGISTER(twin_guide)

KERNEL(128, 2) twin_add(ARGUMENT ElementwiseCall call) {
  each_element(call.out, [&](i64 row, int column) { return load_element(call.a, row, column) + load_element(call.b, row, column); });
}
REGISTER(twin_add)

KERNEL(128, 2) twin_blend(ARGUMENT BlendCall call) {
  each_element(call.out, [&](i64 row, int column) {
    const i32 type = call.out.type;
    const float share = load_element(call.mask, row, 0);
    const float kept = rounded(rounded(1.f - share, type) * load_element(call.kept, row, column), type);
    return kept + rounded(share * load_element(call.repainted, row, column), type);
  });
}
REGISTER(twin_blend)
