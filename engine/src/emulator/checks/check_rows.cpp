// Norms, rotation, and what only moves or combines elements.
#include <algorithm>
#include <cmath>

#include "check.hpp"

namespace check {
namespace {
// Results that pass one rounding that a sum of another order may move.
Tolerance close(i32 type) { return type == BF16 ? Tolerance{1. / 128, 1e-5, .03} : Tolerance{2e-6, 1e-6}; }

std::string shape(const char* kernel, const Tensor& out) {
  return std::string(kernel) + " (" + std::to_string(out.rows) + ", " + std::to_string(out.columns) + ")" +
         (out.type == BF16 ? " bf16" : " f32");
}

double square(double value) { return value * value; }

// The mean of a row, and the factor on distances from it.
struct Spread {
  double mean, factor;
};
Spread spreadOf(const Tensor& x, int row, double eps) {
  double mean = 0, squares = 0;
  for (int i = 0; i < x.columns; i++) {
    mean += x.get(row, i) / x.columns;
  }
  for (int i = 0; i < x.columns; i++) {
    squares += square(x.get(row, i) - mean);
  }
  return {mean, 1 / std::sqrt(squares / x.columns + eps)};
}

constexpr int MOST_ROWS_Y = 65535;

struct Rows {
  int rows, columns;
  i32 type;
  Layout layout;
};
const Rows ROWS[] = {{1, 1, F32, Layout::EXACT},
                     {3, 7, BF16, Layout::ODD},
                     {5, 1025, BF16, Layout::EXACT},
                     {2, 1500, F32, Layout::ODD}};

struct RotationCase {
  int rows, heads, width, positions;
  i32 type, tableType;
  bool norm;
  i32 order, pairing;
  bool inPlace;
};

void rotationCase(Report& report, const RotationCase& c) {
  const int half = c.width / 2;
  Tensor own(c.rows, c.heads * c.width, c.type, Layout::ODD);
  Tensor cosines(c.positions, half, c.tableType, Layout::EXACT), sines(c.positions, half, c.tableType, Layout::EXACT);
  Tensor weight(1, c.width, F32, Layout::EXACT);
  Tensor out(c.rows, c.heads * c.width, c.type, Layout::ODD);
  Tensor& x = c.inPlace ? out : own;
  x.randomize();
  cosines.randomize();
  sines.randomize();
  weight.randomize();
  const RotationCall call{x.view(), out.view(), cosines.view(), sines.view(), c.norm ? vectorOf(weight) : nullptr,
                          1e-6f,    c.heads,    c.order,        c.pairing};
  const i32 wide = c.type == BF16 && c.tableType == BF16 ? BF16 : F32;
  const auto normed = [&](int row, int head, int column) {
    const double value = x.get(row, head * c.width + column);
    if (!c.norm) {
      return value;
    }
    double squares = 0;
    for (int i = 0; i < c.width; i++) {
      squares += square(x.get(row, head * c.width + i));
    }
    const double scaled = value / std::sqrt(squares / c.width + 1e-6);
    return rounded(weight.get(0, column) * (c.order == ROUND_THEN_WEIGH ? rounded(scaled, c.type) : scaled), c.type);
  };
  const Expected expected = [&](int row, int column) {
    const int head = column / c.width, place = column % c.width;
    const int pair = c.pairing == ADJACENT ? place / 2 : place % half;
    const bool first = c.pairing == ADJACENT ? place % 2 == 0 : place < half;
    const double a = normed(row, head, c.pairing == ADJACENT ? 2 * pair : pair);
    const double b = normed(row, head, c.pairing == ADJACENT ? 2 * pair + 1 : pair + half);
    const double cosine = cosines.get(row % c.positions, pair), sine = sines.get(row % c.positions, pair);
    return first ? rounded(a * cosine, wide) - rounded(b * sine, wide) : rounded(b * cosine, wide) + rounded(a * sine, wide);
  };
  // Where the terms nearly cancel, what a rounding moved weighs more than the result.
  Tolerance tolerance = c.norm ? close(c.type) : Tolerance{c.type == BF16 ? 0 : 1e-6, c.type == BF16 ? 0 : 1e-6};
  tolerance.absolute = c.norm && c.type == BF16 ? 1. / 40 : tolerance.absolute;
  verify(report, {shape("rotate", out), out, {&own, &cosines, &sines, &weight}, expected, tolerance},
         {{"rotate", {(unsigned)c.rows, (unsigned)c.heads, 1, 128, 16}, &call}});
}

struct GroupCase {
  int batch, pixels, columns, groups, splits;
  i32 type, activation;
  Layout layout;
};

void groupCase(Report& report, const GroupCase& c) {
  Tensor x(c.batch * c.pixels, c.columns, c.type, c.layout), out(c.batch * c.pixels, c.columns, c.type, c.layout);
  Tensor weight(1, c.columns, F32, Layout::EXACT), bias(1, c.columns, F32, Layout::EXACT);
  Tensor statistics(c.batch * c.groups * c.splits, 2, F32, Layout::EXACT);
  x.randomize(4);
  weight.randomize();
  bias.randomize();
  const GroupNormCall call{x.view(), out.view(), vectorOf(weight), vectorOf(bias),
                           static_cast<float*>(statistics.view().data), c.batch, c.pixels, c.groups, c.splits, 1e-6f, c.activation};
  const int width = c.columns / c.groups;
  std::vector<double> means, factors;
  for (int i = 0; i < c.batch * c.groups; i++) {
    double mean = 0, squares = 0;
    for (int n = 0; n < c.pixels * width; n++) {
      mean += x.get(i / c.groups * c.pixels + n / width, i % c.groups * width + n % width) / (c.pixels * width);
    }
    for (int n = 0; n < c.pixels * width; n++) {
      squares += square(x.get(i / c.groups * c.pixels + n / width, i % c.groups * width + n % width) - mean);
    }
    means.push_back(mean);
    factors.push_back(1 / std::sqrt(squares / (c.pixels * width) + 1e-6));
  }
  const Expected expected = [&](int row, int column) {
    const int group = row / c.pixels * c.groups + column / width;
    const double normed = (x.get(row, column) - means[group]) * factors[group];
    const double value = rounded(normed * weight.get(0, column) + bias.get(0, column), c.type);
    return c.activation == SILU ? value / (1 + std::exp(-value)) : value;
  };
  verify(report, {shape("group_norm", out), out, {&x, &weight, &bias}, expected, close(c.type)},
         {{"group_norm_statistics", {(unsigned)c.splits, (unsigned)c.groups, (unsigned)c.batch, 256, 64}, &call},
          {"group_norm_apply", {up(c.pixels, 128), (unsigned)c.batch, 1, 256, 8u * c.groups}, &call}});
}
}  // namespace

void rotation(Report& report) {
  rotationCase(report, {5, 3, 64, 5, BF16, F32, true, WEIGH_THEN_ROUND, ADJACENT, false});
  rotationCase(report, {6, 2, 64, 3, BF16, BF16, true, ROUND_THEN_WEIGH, HALVES, true});
  rotationCase(report, {3, 2, 512, 3, F32, F32, true, WEIGH_THEN_ROUND, HALVES, true});
  rotationCase(report, {2, 5, 16, 2, F32, F32, false, WEIGH_THEN_ROUND, ADJACENT, false});
  rotationCase(report, {3, 1, 20, 1, BF16, BF16, false, WEIGH_THEN_ROUND, HALVES, true});
}

void rmsNorm(Report& report) {
  for (const Rows& c : ROWS) {
    Tensor x(c.rows, c.columns, c.type, c.layout), out(c.rows, c.columns, c.type, c.layout);
    Tensor weight(1, c.columns, F32, Layout::EXACT);
    x.randomize();
    weight.randomize();
    const RmsNormCall call{x.view(), out.view(), vectorOf(weight), 1e-6f, 0};
    const Expected expected = [&](int row, int column) {
      double squares = 0;
      for (int i = 0; i < c.columns; i++) {
        squares += square(x.get(row, i));
      }
      return weight.get(0, column) * rounded(x.get(row, column) / std::sqrt(squares / c.columns + 1e-6), c.type);
    };
    verify(report, {shape("rms_norm", out), out, {&x, &weight}, expected, close(c.type)},
           {{"rms_norm", {(unsigned)c.rows, 1, 1, 256, 64}, &call}});
  }
}

void layerNorm(Report& report) {
  for (const Rows& c : ROWS) {
    Tensor x(c.rows, c.columns, c.type, c.layout), out(c.rows, c.columns, c.type, c.layout);
    Tensor weight(1, c.columns, F32, Layout::EXACT), bias(1, c.columns, F32, Layout::EXACT);
    x.randomize(4);
    weight.randomize();
    bias.randomize();
    const LayerNormCall call{x.view(), out.view(), vectorOf(weight), vectorOf(bias), 1e-5f, 0};
    const Expected expected = [&](int row, int column) {
      const Spread spread = spreadOf(x, row, 1e-5);
      return (x.get(row, column) - spread.mean) * spread.factor * weight.get(0, column) + bias.get(0, column);
    };
    // Where bias and norm nearly cancel, errors of the norm weigh more than the result.
    const Tolerance tolerance = c.type == BF16 ? Tolerance{1. / 256, 1e-5, .03} : Tolerance{2e-6, 1e-5};
    verify(report, {shape("layer_norm", out), out, {&x, &weight, &bias}, expected, tolerance},
           {{"layer_norm", {(unsigned)c.rows, 1, 1, 256, 64}, &call}});
  }
}

void modulation(Report& report) {
  for (const Rows& c : ROWS) {
    Tensor x(c.rows, c.columns, c.type, c.layout), out(c.rows, c.columns, c.type, c.layout);
    Tensor shift(1, c.columns, c.type, c.layout), scale(1, c.columns, c.type, c.layout);
    x.randomize(4);
    shift.randomize();
    scale.randomize();
    const ModulationCall call{x.view(), shift.view(), scale.view(), out.view(), 1e-6f, 0};
    const Expected expected = [&](int row, int column) {
      const Spread spread = spreadOf(x, row, 1e-6);
      const double normed = rounded((x.get(row, column) - spread.mean) * spread.factor, c.type);
      return rounded(rounded(1 + scale.get(0, column), c.type) * normed, c.type) + shift.get(0, column);
    };
    Tolerance tolerance = close(c.type);
    tolerance.absolute = c.type == BF16 ? 1. / 32 : 1e-5;
    verify(report, {shape("modulated_layer_norm", out), out, {&x, &shift, &scale}, expected, tolerance},
           {{"modulated_layer_norm", {(unsigned)c.rows, 1, 1, 256, 64}, &call}});
  }
}

void groupNorm(Report& report) {
  groupCase(report, {1, 1, 1, 1, 1, F32, STORE, Layout::EXACT});
  groupCase(report, {2, 130, 96, 32, 1, BF16, SILU, Layout::ODD});
  groupCase(report, {2, 301, 24, 4, 3, F32, STORE, Layout::EXACT});
  groupCase(report, {1, 13, 70, 7, 6, BF16, STORE, Layout::EXACT});
}

void upsampling(Report& report) {
  for (const Layout layout : {Layout::EXACT, Layout::ODD}) {
    const int batch = layout == Layout::EXACT ? 1 : 2, height = 3, width = 5, channels = 37;
    const i32 type = layout == Layout::EXACT ? F32 : BF16;
    Tensor x(batch * height * width, channels, type, layout), out(batch * height * width * 4, channels, type, layout);
    x.randomize();
    const UpsampleCall call{x.view(), out.view(), batch, height, width, 0};
    const Expected expected = [&](int row, int column) {
      const int picture = row / (4 * height * width), y = row / (2 * width) % (2 * height), left = row % (2 * width);
      return x.get((picture * height + y / 2) * width + left / 2, column);
    };
    verify(report, {shape("upsample_nearest", out), out, {&x}, expected, EXACTLY},
           {{"upsample_nearest", {up(out.rows, 8), 1, 1, 256, 0}, &call}});
  }
}

void embedding(Report& report) {
  for (const Layout layout : {Layout::EXACT, Layout::ODD}) {
    Tensor ids(2, 5, I32, layout), table(9, 301, BF16, layout), out(10, 301, layout == Layout::EXACT ? F32 : BF16, layout);
    table.randomize();
    for (int i = 0; i < 10; i++) {
      ids.set(i / 5, i % 5, i * 7 % 9);
    }
    ids.keep();
    const EmbeddingCall call{ids.view(), table.view(), out.view()};
    const Expected expected = [&](int row, int column) { return table.get((i64)ids.get(row / 5, row % 5), column); };
    verify(report, {shape("embed", out), out, {&ids, &table}, expected, EXACTLY}, {{"embed", {10, 1, 1, 256, 0}, &call}});
  }
}

void elementwise(Report& report, const std::string& kernel) {
  std::vector<Rows> all(std::begin(ROWS), std::end(ROWS));
  if (kernel == "copy") {
    all.push_back({MOST_ROWS_Y + 3, 1, BF16, Layout::EXACT});
  }
  for (const Rows& c : all) {
    Tensor a(c.rows, c.columns, c.type, c.layout), b(c.rows, c.columns, c.type, c.layout);
    Tensor out(c.rows, c.columns, kernel == "copy" && c.rows == 5 ? F32 : c.type, c.layout);
    a.randomize(4);
    b.randomize(4);
    const float factor = 0.7f;
    const ElementwiseCall call{a.view(), b.view(), out.view(), factor, 0};
    const Expected expected = [&](int row, int column) {
      const double first = a.get(row, column), second = b.get(row, column);
      if (kernel == "silu_all") {
        return first / (1 + std::exp(-first));
      }
      if (kernel == "euler_step") {
        return first + rounded(rounded(factor, c.type) * second, c.type);
      }
      if (kernel == "add") {
        return first + second;
      }
      if (kernel == "guide") {
        return first + rounded(factor * rounded(second - first, c.type), c.type);
      }
      return first;
    };
    verify(report, {shape(kernel.c_str(), out), out, {&a, &b}, expected, kernel == "copy" ? EXACTLY : close(c.type)},
           {{kernel.c_str(),
             {up(c.columns, 1024), (unsigned)std::min(c.rows, MOST_ROWS_Y), up(c.rows, MOST_ROWS_Y), 256, 0},
             &call}});
  }
}

void blending(Report& report) {
  for (const Rows& c : ROWS) {
    Tensor kept(c.rows, c.columns, c.type, c.layout), repainted(c.rows, c.columns, c.type, c.layout);
    Tensor mask(c.rows, 1, c.type, c.layout), out(c.rows, c.columns, c.type, c.layout);
    kept.randomize(4);
    repainted.randomize(4);
    for (int row = 0; row < c.rows; row++) {
      // 1 minus it has more bits than a bfloat16.
      mask.set(row, 0, rounded((row + 1) / 700., c.type));
    }
    mask.keep();
    const BlendCall call{kept.view(), repainted.view(), mask.view(), out.view()};
    const Expected expected = [&](int row, int column) {
      const double share = mask.get(row, 0), rest = rounded(1 - share, c.type);
      return rounded(rest * kept.get(row, column), c.type) + rounded(share * repainted.get(row, column), c.type);
    };
    // In bfloat16 every rounding is laid down, and few products of eight bits by eight are none of float32.
    const Tolerance tolerance = c.type == BF16 ? Tolerance{0, 0} : Tolerance{1e-6, 1e-6};
    verify(report, {shape("blend", out), out, {&kept, &repainted, &mask}, expected, tolerance},
           {{"blend", {up(c.columns, 1024), (unsigned)c.rows, 1, 256, 0}, &call}});
  }
}

namespace {
// One hash of seed and place, as random.cu has it (SplitMix64), summed as four numbers of 16 bits.
double nearNormal(u64 seed, u64 place) {
  u64 bits = seed + (place + 1) * 0x9e3779b97f4a7c15ull;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ull;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebull;
  bits ^= bits >> 31;
  double sum = 0;
  for (int i = 0; i < 4; i++) {
    sum += (double)(bits >> 16 * i & 0xffff);
  }
  return (sum - 131070) * 2.64289e-5;
}
}  // namespace

void filling(Report& report) {
  std::vector<Rows> all(std::begin(ROWS), std::end(ROWS));
  all.push_back({MOST_ROWS_Y + 3, 1, BF16, Layout::EXACT});
  for (const Rows& c : all) {
    Tensor out(c.rows, c.columns, c.type, c.layout);
    const FillCall call{out.view(), 20261121, 0.5f, 0.25f};
    const Expected expected = [&](int row, int column) {
      return 0.25 + 0.5 * nearNormal(call.seed, (u64)row * (u64)c.columns + (u64)column);
    };
    verify(report, {shape("fill_random", out), out, {}, expected, close(c.type)},
           {{"fill_random",
             {up(c.columns, 1024), (unsigned)std::min(c.rows, MOST_ROWS_Y), up(c.rows, MOST_ROWS_Y), 256, 0},
             &call}});
  }
}

}  // namespace check
