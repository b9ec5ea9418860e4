// Linear layers and convolutions.
#include <cmath>

#include "check.hpp"

namespace check {
namespace {
struct Kind {
  i32 type;
  int tile;
  unsigned threads, sharedBytes;
  Layout tight, within;  // of x
};

Kind kindOf(const std::string& kernel) {
  if (kernel.ends_with("_128")) {
    return {BF16, 128, 128, 98304, Layout::ALIGNED, Layout::WITHIN};
  }
  if (kernel.ends_with("_64")) {
    return {BF16, 64, 128, 49152, Layout::ALIGNED, Layout::WITHIN};
  }
  const i32 type = kernel.ends_with("_f32") ? F32 : BF16;
  return {type, 64, type == F32 ? 256u : 128u, type == F32 ? 8704u : 32768u, Layout::EXACT, Layout::ODD};
}

// The operands of an epilogue.
struct End {
  End(const Tensor& out, i32 kind, bool inPlace, Layout layout)
      : kind(kind),
        inPlace(inPlace),
        type(out.type),
        operand(out.rows, out.columns, out.type, layout),
        gate(1, out.columns, out.type, layout),
        bias(1, out.columns, F32, Layout::EXACT) {
    operand.randomize();
    gate.randomize();
    bias.randomize();
  }

  Epilogue of(const Tensor& out) const {
    return {kind, 0, vectorOf(bias), inPlace ? out.view() : operand.view(), gate.view()};
  }

  double after(double sum, double residual, int row, int column) const {
    const double product = rounded(sum, type);
    const double other = inPlace ? residual : operand.get(row, column);
    switch (kind) {
      case SILU:
        return product / (1 + std::exp(-product));
      case GELU_TANH:
        return product / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (product + 0.044715 * product * product * product)));
      case GELU_COMPOSED_TANH: {
        const double cube = rounded(rounded(product * product, type) * product, type);
        const double slope = rounded(product + rounded(0.044715 * cube, type), type);
        const double tanh = rounded(std::tanh(rounded(std::sqrt(2 / M_PI) * slope, type)), type);
        return product / 2 * rounded(1 + tanh, type);
      }
      case GELU_ERF:
        return product / 2 * std::erfc(-product / std::sqrt(2.));
      case GELU_QUICK:
        return product * rounded(1 / (1 + std::exp(-rounded(1.702 * product, type))), type);
      case ADD_BIAS:
        return product + bias.get(0, column);
      case MULTIPLY:
        return other * product;
      case ADD:
        return other + product;
      case GATED_ADD:
        return other + rounded(gate.get(0, column) * product, type);
      default:
        return product;
    }
  }

  Tolerance tolerance() const {
    // What is left of GELU far below 0 is the exponential of a square, whose rounding it magnifies.
    const double absolute = kind == SILU ? 1e-30 : 1e-6;
    return kind >= SILU && kind <= GELU_QUICK ? Tolerance{type == BF16 ? 1. / 128 : 1e-6, absolute, type == BF16 ? .03 : 1}
                                              : EXACTLY;
  }

  i32 kind;
  bool inPlace;
  i32 type;
  Tensor operand, gate, bias;
};

struct LinearCase {
  int rows, depth, columns;
  i32 outType, epilogue;
  bool bias, inPlace, tight;
};

void linearCase(Report& report, const std::string& kernel, const LinearCase& c) {
  const Kind kind = kindOf(kernel);
  Tensor x(c.rows, c.depth, kind.type, c.tight ? kind.tight : kind.within);
  Tensor weight(c.columns, (c.depth + 63) / 64 * 64, kind.type, Layout::EXACT);
  Tensor bias(1, c.columns, F32, Layout::EXACT);
  Tensor out(c.rows, c.columns, c.outType, c.tight ? Layout::EXACT : Layout::ODD);
  x.randomize();
  weight.randomize();
  bias.randomize();
  for (int row = 0; row < c.columns; row++) {
    for (int column = c.depth; column < weight.columns; column++) {
      weight.set(row, column, 0);
    }
  }
  weight.keep();
  if (c.inPlace) {
    out.randomize();
  }
  End end(out, c.epilogue, c.inPlace, c.tight ? Layout::EXACT : Layout::ODD);
  LinearCall call{x.view(), weight.view(), c.bias ? vectorOf(bias) : nullptr, end.of(out), out.view()};
  call.weight.columns = c.depth;
  const Expected expected = [&](int row, int column) {
    double sum = c.bias ? bias.get(0, column) : 0;
    for (int k = 0; k < c.depth; k++) {
      sum += x.get(row, k) * weight.get(column, k);
    }
    return end.after(sum, out.get(row, column), row, column);
  };
  const std::string what = kernel + " (" + std::to_string(c.rows) + ", " + std::to_string(c.depth) + ") x (" +
                           std::to_string(c.columns) + "), epilogue " + std::to_string(c.epilogue);
  verify(report, {what, out, {&x, &weight, &bias, &end.operand, &end.gate, &end.bias}, expected, end.tolerance()},
         {{kernel.c_str(), {up(c.columns, kind.tile), up(c.rows, kind.tile), 1, kind.threads, kind.sharedBytes}, &call}});
}

struct ConvolutionCase {
  int batch, height, width, in, out, kernel, stride, before, after;
  i32 epilogue;
  bool bias, inPlace, tight;
  int spoiled = -1;  // a pixel that is NaN, and so is what covers it, and nothing else
};

void convolutionCase(Report& report, const std::string& kernel, const ConvolutionCase& c) {
  const Kind kind = kindOf(kernel);
  const int outHeight = (c.height + c.before + c.after - c.kernel) / c.stride + 1;
  const int outWidth = (c.width + c.before + c.after - c.kernel) / c.stride + 1;
  const int channels = (c.in + 7) / 8 * 8, taps = c.kernel * c.kernel;
  Tensor x(c.batch * c.height * c.width, c.in, kind.type, c.tight ? kind.tight : kind.within);
  Tensor filter(c.out, (taps * channels + 63) / 64 * 64, kind.type, Layout::EXACT);
  Tensor bias(1, c.out, F32, Layout::EXACT);
  Tensor out(c.batch * outHeight * outWidth, c.out, kind.type, c.tight ? Layout::EXACT : Layout::ODD);
  x.randomize();
  if (c.spoiled >= 0) {
    x.set(c.spoiled, 0, NAN);
    x.keep();
  }
  filter.randomize();
  bias.randomize();
  for (int row = 0; row < c.out; row++) {
    for (int column = 0; column < filter.columns; column++) {
      if (column >= taps * channels || column % channels >= c.in) {
        filter.set(row, column, 0);
      }
    }
  }
  filter.keep();
  if (c.inPlace) {
    out.randomize();
  }
  End end(out, c.epilogue, c.inPlace, c.tight ? Layout::EXACT : Layout::ODD);
  ConvolutionCall call{x.view(), filter.view(), c.bias ? vectorOf(bias) : nullptr, end.of(out), out.view(),
                       c.height,  c.width,       outHeight, outWidth, c.kernel, c.stride, c.before, channels};
  call.filter.columns = taps * channels;
  const Expected expected = [&](int row, int column) {
    const int picture = row / (outHeight * outWidth), y = row / outWidth % outHeight, left = row % outWidth;
    double sum = c.bias ? bias.get(0, column) : 0;
    for (int tap = 0; tap < taps; tap++) {
      const int fromY = y * c.stride - c.before + tap / c.kernel, fromX = left * c.stride - c.before + tap % c.kernel;
      if (fromY >= 0 && fromY < c.height && fromX >= 0 && fromX < c.width) {
        for (int channel = 0; channel < c.in; channel++) {
          sum += x.get((picture * c.height + fromY) * c.width + fromX, channel) * filter.get(column, tap * channels + channel);
        }
      }
    }
    return end.after(sum, out.get(row, column), row, column);
  };
  const std::string what = kernel + " of " + std::to_string(c.batch) + " x " + std::to_string(c.height) + " x " +
                           std::to_string(c.width) + " x " + std::to_string(c.in) + " to " + std::to_string(c.out) +
                           ", kernel " + std::to_string(c.kernel) + ", stride " + std::to_string(c.stride);
  verify(report, {what, out, {&x, &filter, &bias, &end.operand}, expected, end.tolerance()},
         {{kernel.c_str(), {up(c.out, kind.tile), up(out.rows, kind.tile), 1, kind.threads, kind.sharedBytes}, &call}});
}
}  // namespace

void linear(Report& report, const std::string& kernel) {
  const int tile = kindOf(kernel).tile;
  const i32 type = kindOf(kernel).type;
  linearCase(report, kernel, {1, 1, 1, type, STORE, false, false, true});
  linearCase(report, kernel, {tile + 1, 207, tile + 3, type, STORE, true, false, true});
  linearCase(report, kernel, {13, 326, 70, F32, STORE, true, false, false});
  linearCase(report, kernel, {tile * 9 + 5, 8, tile + 1, type, STORE, false, false, true});
  for (i32 epilogue = SILU; epilogue <= GATED_ADD; epilogue++) {
    linearCase(report, kernel, {7, 72, 33, type, epilogue, epilogue % 2 == 0, epilogue >= ADD, epilogue % 2 == 0});
  }
}

void convolution(Report& report, const std::string& kernel) {
  const int tile = kindOf(kernel).tile;
  convolutionCase(report, kernel, {1, 1, 1, 1, 1, 1, 1, 0, 0, STORE, false, false, true});
  convolutionCase(report, kernel, {2, 9, 8, 13, 7, 3, 1, 1, 1, STORE, true, false, true});
  convolutionCase(report, kernel, {1, 7, 13, 16, tile + 2, 3, 2, 0, 1, ADD, true, true, false});
  convolutionCase(report, kernel, {1, 6, 5, 40, 5, 3, 1, 1, 1, STORE, false, false, false});
  convolutionCase(report, kernel, {1, 6, 5, 40, 5, 3, 1, 1, 1, STORE, false, false, true, 17});
  convolutionCase(report, kernel, {2, 5, 3, 72, 9, 1, 1, 0, 0, ADD, true, false, true});
}

}  // namespace check
