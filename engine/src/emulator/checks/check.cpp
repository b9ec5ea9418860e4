#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include "allocations.hpp"

namespace check {
namespace {
constexpr unsigned SCHEDULES = 4, WORKERS = 1;
constexpr unsigned MOST_SHUFFLED_ROWS = 10000;  // of a grid: shuffling takes longer than running
constexpr int MOST_LINES = 20;

std::mt19937& random() {
  static std::mt19937 generator(20261121);
  return generator;
}

std::size_t sizeOf(i32 type) { return type == BF16 ? 2 : 4; }

std::string place(int row, int column) {
  std::string text = "row ";
  text += std::to_string(row) + ", column " + std::to_string(column);
  return text;
}

struct Shape {
  i64 stride;
  std::size_t first, elements;
};
Shape shapeOf(int rows, int columns, Layout layout) {
  const i64 even = (columns + 7) / 8 * 8;
  switch (layout) {
    case Layout::EXACT:
      return {columns, 0, (std::size_t)rows * columns};
    case Layout::ALIGNED:
      return {even, 0, (std::size_t)(rows - 1) * even + columns};
    case Layout::WITHIN:
      return {even + 24, (std::size_t)even + 24 + 8, (std::size_t)(rows + 2) * (even + 24)};
    default:
      return {columns + 5, (std::size_t)columns + 5 + 3, (std::size_t)(rows + 2) * (columns + 5)};
  }
}
}  // namespace

Tensor::Tensor(int rows, int columns, i32 type, Layout layout) : rows(rows), columns(columns), type(type) {
  const Shape shape = shapeOf(rows, columns, layout);
  stride = shape.stride;
  first = shape.first;
  elements = shape.elements;
  bytes = elements * sizeOf(type);
  data = static_cast<char*>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  for (std::size_t i = 0; i < elements; i++) {
    put(i, NAN);
  }
  emulator::Allocations::instance().add(data, bytes);
  keep();
}

Tensor::~Tensor() {
  emulator::Allocations::instance().remove(data);
  std::free(data);
}

std::size_t Tensor::indexOf(i64 row, i64 column) const { return first + (std::size_t)(row * stride + column); }

double Tensor::at(std::size_t index) const {
  if (type == BF16) {
    return emulator::bf16(reinterpret_cast<u16*>(data)[index]);
  }
  return type == F32 ? (double)reinterpret_cast<float*>(data)[index] : reinterpret_cast<i32*>(data)[index];
}

void Tensor::put(std::size_t index, double value) {
  if (type == BF16) {
    reinterpret_cast<u16*>(data)[index] = nearest_bf16((float)value);
  } else if (type == F32) {
    reinterpret_cast<float*>(data)[index] = (float)value;
  } else {
    reinterpret_cast<i32*>(data)[index] = std::isnan(value) ? -1 : (i32)value;
  }
}

double Tensor::get(i64 row, i64 column) const { return at(indexOf(row, column)); }
void Tensor::set(i64 row, i64 column, double value) { put(indexOf(row, column), value); }

Tensor& Tensor::randomize(double size) {
  const int steps = (int)(size * 8);
  std::uniform_int_distribution<int> step(-steps, steps);
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      set(row, column, step(random()) / 8.);
    }
  }
  keep();
  return *this;
}

Tensor& Tensor::poison() {
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      set(row, column, NAN);
    }
  }
  keep();
  return *this;
}

Matrix Tensor::view() const { return {data + first * sizeOf(type), stride, rows, columns, type, 0}; }
void Tensor::keep() { kept.assign(data, data + bytes); }
void Tensor::restore() { std::memcpy(data, kept.data(), bytes); }
bool Tensor::intact() const { return std::memcmp(data, kept.data(), bytes) == 0; }

bool Tensor::surroundingsIntact() const {
  const std::size_t size = sizeOf(type);
  for (std::size_t i = 0; i < elements; i++) {
    const i64 distance = (i64)i - (i64)first;
    const bool own = distance >= 0 && distance / stride < rows && distance % stride < columns;
    if (!own && std::memcmp(data + i * size, kept.data() + i * size, size) != 0) {
      return false;
    }
  }
  return true;
}

const float* vectorOf(const Tensor& tensor) { return static_cast<const float*>(tensor.view().data); }

// Through an odd float32, so that nothing is rounded twice.
double rounded(double value, i32 type) {
  if (type != BF16 || std::isnan(value) || std::isinf(value)) {
    return type == F32 ? (double)(float)value : value;
  }
  float near = (float)value;
  if (near != value) {
    u32 bits = bits_of(near);
    bits -= std::fabs((double)near) > std::fabs(value) ? 1 : 0;
    near = float_of(bits | 1);
  }
  return emulator::bf16(nearest_bf16(near));
}

void Report::tell(const std::string& kind, const std::string& what) {
  found.insert(kind);
  if (lines++ < MOST_LINES) {
    std::printf("%s: %s\n", kind.c_str(), what.c_str());
  }
}

unsigned up(int count, int per) { return (unsigned)((count + per - 1) / per); }

namespace {
bool execute(Report& report, const std::vector<Stage>& stages, unsigned seed, const std::string& what) {
  for (const Stage& stage : stages) {
    const emulator::Kernel* kernel = emulator::find(stage.kernel);
    if (kernel == nullptr) {
      report.tell("fault", std::string(stage.kernel) + ": no such kernel");
      return false;
    }
    report.launches[stage.kernel]++;
    emulator::Statistics counted;
    const emulator::Failure failure = emulator::execute(*kernel, stage.geometry, stage.call, {seed, WORKERS}, counted);
    if (failure.fault != emulator::Fault::NONE) {
      report.tell(failure.fault == emulator::Fault::TIMEOUT ? "deadlock" : "fault", what + ": " + failure.what);
      return false;
    }
    if (counted.wavefronts != counted.matrixLoads) {
      report.tell("banks", what + ": " + std::to_string((double)counted.wavefronts / (double)counted.matrixLoads) +
                               " wavefronts a matrix (expected: 1)");
    }
  }
  return true;
}

void compare(Report& report, const Run& run, const std::vector<double>& expected, const std::string& what) {
  std::size_t different = 0, i = 0;
  for (int row = 0; row < run.out.rows; row++) {
    for (int column = 0; column < run.out.columns; column++, i++) {
      const double want = expected[i], got = run.out.get(row, column);
      const bool both = std::isnan(want) && std::isnan(got);
      different += got != want && !both;
      if (!both && !(std::fabs(got - want) <= run.tolerance.relative * std::fabs(want) + run.tolerance.absolute)) {
        report.tell("value", what + ": " + std::to_string(got) + " at " + place(row, column) + " (expected: " +
                                 std::to_string(want) + ")");
        return;
      }
    }
  }
  if ((double)different > run.tolerance.share * (double)expected.size() + 1) {
    report.tell("value", what + ": " + std::to_string(different) + " of " + std::to_string(expected.size()) +
                             " elements are rounded otherwise");
  }
}

// NaN is like NaN.
bool same(const std::vector<double>& one, const std::vector<double>& other) {
  return std::equal(one.begin(), one.end(), other.begin(),
                    [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); });
}
}  // namespace

void verify(Report& report, const Run& run, const std::vector<Stage>& stages) {
  report.cases++;
  std::vector<double> expected;
  for (int row = 0; row < run.out.rows; row++) {
    for (int column = 0; column < run.out.columns; column++) {
      expected.push_back(rounded(run.expected(row, column), run.out.type));
    }
  }
  std::vector<double> inOrder;
  const unsigned schedules = stages[0].geometry.gridY > MOST_SHUFFLED_ROWS ? 1 : SCHEDULES;
  for (unsigned seed = 0; seed < schedules; seed++) {
    const std::string what = run.what + ", schedule " + std::to_string(seed);
    run.out.restore();
    if (!execute(report, stages, seed, what)) {
      break;
    }
    compare(report, run, expected, what);
    std::vector<double> results;
    for (int row = 0; row < run.out.rows; row++) {
      for (int column = 0; column < run.out.columns; column++) {
        results.push_back(run.out.get(row, column));
      }
    }
    if (seed == 0) {
      inOrder = results;
    } else if (!same(results, inOrder)) {
      report.tell("schedule", what + ": other results than in order");
    }
    if (!run.out.surroundingsIntact()) {
      report.tell("guard", what + ": writes outside of out");
    }
    for (const Tensor* input : run.inputs) {
      if (input != &run.out && !input->intact()) {
        report.tell("guard", what + ": writes to its input");
      }
    }
  }
  run.out.restore();
}

}  // namespace check

int main(int count, char** arguments) {
  using check::Report;
  std::map<std::string, std::function<void(Report&)>> all;
  for (const char* kernel : {"linear_bf16_128", "linear_bf16_64", "linear_bf16_any", "linear_f32"}) {
    all[kernel] = [=](Report& report) { check::linear(report, kernel); };
  }
  for (const char* kernel : {"convolve_bf16_128", "convolve_bf16_64", "convolve_bf16_any", "convolve_f32"}) {
    all[kernel] = [=](Report& report) { check::convolution(report, kernel); };
  }
  for (const char* kernel : {"attention_bf16_64", "attention_bf16_128", "attention_any"}) {
    all[kernel] = [=](Report& report) { check::attention(report, kernel); };
  }
  for (const char* kernel : {"copy", "silu_all", "euler_step", "guide", "add"}) {
    all[kernel] = [=](Report& report) { check::elementwise(report, kernel); };
  }
  all["rotate"] = check::rotation;
  all["rms_norm"] = check::rmsNorm;
  all["layer_norm"] = check::layerNorm;
  all["modulated_layer_norm"] = check::modulation;
  all["group_norm"] = check::groupNorm;
  all["upsample_nearest"] = check::upsampling;
  all["embed"] = check::embedding;
  all["blend"] = check::blending;
  all["fill_random"] = check::filling;

  Report report;
  for (const auto& [name, family] : all) {
    bool wanted = count == 1;
    for (int i = 1; i < count; i++) {
      wanted = wanted || name == arguments[i];
    }
    if (wanted) {
      family(report);
    }
  }
  for (const auto& [kernel, launches] : report.launches) {
    std::printf("%s: %d launches\n", kernel.c_str(), launches);
  }
  std::printf("%d cases:", report.cases);
  for (const std::string& kind : report.kinds()) {
    std::printf(" %s", kind.c_str());
  }
  std::printf("%s\n", report.kinds().empty() ? " all right" : "");
  return report.cases > 0 && report.kinds().empty() ? 0 : 1;
}
