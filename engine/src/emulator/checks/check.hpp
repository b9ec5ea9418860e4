// Kernels on the emulator against naive loops in double: awkward shapes, several schedules, guarded memory.
//
// Inputs are multiples of 1/8, so that sums of products are exact in float32 whatever their order: what only multiplies and
// adds must be right to the last bit.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "calls.cuh"
#include "execution.hpp"

namespace check {

// EXACT: the allocation is the matrix and no byte more. ALIGNED: rows begin at multiples of 16 bytes, the allocation ends with
// the last element. WITHIN: a part of a larger matrix, aligned. ODD: a part of a larger matrix, aligned to nothing.
enum class Layout { EXACT, ALIGNED, WITHIN, ODD };

// A matrix in device memory. What surrounds it is NaN, and stays so.
class Tensor {
 public:
  Tensor(int rows, int columns, i32 type, Layout layout);
  Tensor(const Tensor&) = delete;
  ~Tensor();

  // Fills it with multiples of 1/8 within [-size, size].
  Tensor& randomize(double size = 1);
  Tensor& poison();
  double get(i64 row, i64 column) const;
  void set(i64 row, i64 column, double value);
  Matrix view() const;
  // Remembers the content, elements and surroundings.
  void keep();
  void restore();
  bool surroundingsIntact() const;
  bool intact() const;

  const int rows, columns;
  const i32 type;

 private:
  std::size_t indexOf(i64 row, i64 column) const;
  double at(std::size_t index) const;
  void put(std::size_t index, double value);

  i64 stride;
  std::size_t first, elements, bytes;
  char* data;
  std::vector<char> kept;
};

// A vector of float32.
const float* vectorOf(const Tensor& tensor);

double rounded(double value, i32 type);

// How far a result may be off: `relative` of itself plus `absolute`, and `share` of all elements may differ at all.
struct Tolerance {
  double relative = 0, absolute = 0, share = 1;
};
constexpr Tolerance EXACTLY{};

// Tells what is wrong, by kind: "fault", "deadlock", "value", "schedule", "guard", "banks".
class Report {
 public:
  void tell(const std::string& kind, const std::string& what);
  const std::set<std::string>& kinds() const { return found; }
  int cases = 0;
  std::map<std::string, int> launches;  // of each kernel

 private:
  std::set<std::string> found;
  int lines = 0;
};

using Expected = std::function<double(int row, int column)>;

// One or more kernels that make one result.
struct Run {
  std::string what;
  Tensor& out;
  std::vector<Tensor*> inputs;
  Expected expected;
  Tolerance tolerance;
};
struct Stage {
  const char* kernel;
  emulator::Geometry geometry;
  const void* call;
};
void verify(Report& report, const Run& run, const std::vector<Stage>& stages);

unsigned up(int count, int per);  // blocks of `per` that `count` need

void linear(Report& report, const std::string& kernel);
void convolution(Report& report, const std::string& kernel);
void attention(Report& report, const std::string& kernel);
void rotation(Report& report);
void rmsNorm(Report& report);
void layerNorm(Report& report);
void modulation(Report& report);
void groupNorm(Report& report);
void upsampling(Report& report);
void embedding(Report& report);
void elementwise(Report& report, const std::string& kernel);
void blending(Report& report);
void filling(Report& report);

}  // namespace check
