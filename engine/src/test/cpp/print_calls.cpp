// Reads structures of calls.cuh from standard input and prints their fields, so that a test sees whether Java writes what the
// kernels read. Built and run by CudaCallsTest.
#include <cstdio>
#include <cstring>

#include "calls.cuh"

namespace {

template <class T>
bool next(const char* name, T& call) {
  std::printf("%s\n", name);
  return std::fread(&call, sizeof call, 1, stdin) == 1;
}

void print(const char* name, const Matrix& m) {
  std::printf("%s %p %lld %d %d %d\n", name, m.data, m.stride, m.rows, m.columns, m.type);
}
void print(const char* name, i32 value) { std::printf("%s %d\n", name, value); }
void print(const char* name, float value) { std::printf("%s %g\n", name, (double)value); }
void print(const char* name, const float* value) { std::printf("%s %p\n", name, (const void*)value); }
void print(const char* name, const Epilogue& e) {
  print(name, e.kind);
  print("bias", e.bias);
  print("operand", e.operand);
  print("gate", e.gate);
}

#define FIELD(name) print(#name, call.name)

bool linear() {
  LinearCall call;
  if (!next("LinearCall", call)) return false;
  FIELD(x), FIELD(weight), FIELD(bias), FIELD(epilogue), FIELD(out);
  return true;
}

bool convolution() {
  ConvolutionCall call;
  if (!next("ConvolutionCall", call)) return false;
  FIELD(x), FIELD(filter), FIELD(bias), FIELD(epilogue), FIELD(out);
  FIELD(height), FIELD(width), FIELD(outHeight), FIELD(outWidth);
  FIELD(kernel), FIELD(stride), FIELD(padBefore), FIELD(channels);
  return true;
}

bool attention() {
  AttentionCall call;
  if (!next("AttentionCall", call)) return false;
  FIELD(q), FIELD(k), FIELD(v), FIELD(out), FIELD(bias);
  FIELD(batch), FIELD(queries), FIELD(keys), FIELD(quick), FIELD(heads), FIELD(keyValueHeads), FIELD(headDim);
  FIELD(causal), FIELD(scale);
  FIELD(first[0]), FIELD(first[1]), FIELD(first[31]), FIELD(end[0]), FIELD(end[1]), FIELD(end[31]);
  return true;
}

bool rotation() {
  RotationCall call;
  if (!next("RotationCall", call)) return false;
  FIELD(x), FIELD(out), FIELD(cos), FIELD(sin), FIELD(weight), FIELD(eps), FIELD(heads), FIELD(order), FIELD(pairing);
  return true;
}

bool rmsNorm() {
  RmsNormCall call;
  if (!next("RmsNormCall", call)) return false;
  FIELD(x), FIELD(out), FIELD(weight), FIELD(eps);
  return true;
}

bool layerNorm() {
  LayerNormCall call;
  if (!next("LayerNormCall", call)) return false;
  FIELD(x), FIELD(out), FIELD(weight), FIELD(bias), FIELD(eps);
  return true;
}

bool modulation() {
  ModulationCall call;
  if (!next("ModulationCall", call)) return false;
  FIELD(x), FIELD(shift), FIELD(scale), FIELD(out), FIELD(eps);
  return true;
}

bool groupNorm() {
  GroupNormCall call;
  if (!next("GroupNormCall", call)) return false;
  FIELD(x), FIELD(out), FIELD(weight), FIELD(bias);
  std::printf("statistics %p\n", (void*)call.statistics);
  FIELD(batch), FIELD(pixels), FIELD(groups), FIELD(splits), FIELD(eps), FIELD(activation);
  return true;
}

bool upsample() {
  UpsampleCall call;
  if (!next("UpsampleCall", call)) return false;
  FIELD(x), FIELD(out), FIELD(batch), FIELD(height), FIELD(width);
  return true;
}

bool embedding() {
  EmbeddingCall call;
  if (!next("EmbeddingCall", call)) return false;
  FIELD(ids), FIELD(table), FIELD(out);
  return true;
}

bool elementwise() {
  ElementwiseCall call;
  if (!next("ElementwiseCall", call)) return false;
  FIELD(a), FIELD(b), FIELD(out), FIELD(factor);
  return true;
}

bool blending() {
  BlendCall call;
  if (!next("BlendCall", call)) return false;
  FIELD(kept), FIELD(repainted), FIELD(mask), FIELD(out);
  return true;
}

}  // namespace

int main() {
  const bool all = linear() && convolution() && attention() && rotation() && rmsNorm() && modulation() && groupNorm() &&
                   upsample() && embedding() && elementwise() && layerNorm() && blending();
  return all && std::fgetc(stdin) == EOF ? 0 : 1;
}
