// What the host hands to a kernel: one structure a kernel, by value. CudaCalls.java writes the same bytes; a change here is a
// change there.
#pragma once
#include "primitives.cuh"

// Element types.
constexpr i32 F32 = 0, BF16 = 1, I32 = 2;

// Rows of global memory: element (r, c) lies at data + (r * stride + c) elements. Any alignment that the type itself has.
struct Matrix {
  void* data;
  i64 stride;
  i32 rows;
  i32 columns;
  i32 type;
  i32 unused;
};

// What becomes of a product a, already rounded to the type of out (Epilogue.java).
constexpr i32 STORE = 0, SILU = 1, GELU_TANH = 2, GELU_COMPOSED_TANH = 3, GELU_ERF = 4, GELU_QUICK = 5;
constexpr i32 ADD_BIAS = 6, MULTIPLY = 7, ADD = 8, GATED_ADD = 9;
struct Epilogue {
  i32 kind;
  i32 unused;
  const float* bias;  // ADD_BIAS: (columns of out)
  Matrix operand;     // MULTIPLY: the factor; ADD, GATED_ADD: the residual, which may be out; as out
  Matrix gate;        // GATED_ADD: (1, columns of out)
};

// out = epilogue(R(x * weight^T + bias)). The columns of weight beyond those of x are zeros, up to a multiple of 64.
struct LinearCall {
  Matrix x;           // (M, K), of the type of weight
  Matrix weight;      // (N, K), rows 16-byte aligned and at least ceil(K / 64) * 64 long
  const float* bias;  // (N), or null
  Epilogue epilogue;
  Matrix out;  // (M, N), F32 or BF16
};

// out = epilogue(R(x * filter + bias)), a cross-correlation of pictures; epilogue STORE or ADD. Column t * channels + c of the
// filter holds tap t (row-major) of channel c; channels is that of x rounded up to a multiple of 8 with zeros, the row of a
// filter rounded up to a multiple of 64 with zeros.
struct ConvolutionCall {
  Matrix x;           // (batch * height * width, Cin), of the type of filter
  Matrix filter;      // (Cout, kernel * kernel * channels)
  const float* bias;  // (Cout), or null
  Epilogue epilogue;
  Matrix out;  // (batch * outHeight * outWidth, Cout)
  i32 height, width, outHeight, outWidth;
  i32 kernel, stride, padBefore, channels;
};

// out = softmax(scale * q k^T + bias + mask) v, for each sequence and head (Backend.attention).
constexpr i32 MOST_SEQUENCES = 32;
struct AttentionCall {
  Matrix q, k, v, out;  // (batch * queries, heads * headDim), (batch * keys, keyValueHeads * headDim)
  Matrix bias;          // (heads * queries, keys), the same for every sequence; without data: none; only attention_any adds it
  i32 batch, queries, keys;
  i32 quick;  // the first keys of a sequence, which take the quick exponential if q is BF16
  i32 heads, keyValueHeads, headDim;
  i32 causal;  // 0: every query sees every key; 1: query i sees key j of sequence b if j <= i + keys - queries and
               // first[b] <= j < end[b]; keys >= queries
  float scale;
  i32 first[MOST_SEQUENCES], end[MOST_SEQUENCES];  // causal only
  i32 unused;
};

// Backend.rotate. Row r of x uses row r mod rows of cos and sin, which are (positions, headDim / 2).
constexpr i32 WEIGH_THEN_ROUND = 0, ROUND_THEN_WEIGH = 1;
constexpr i32 ADJACENT = 0, HALVES = 1;
struct RotationCall {
  Matrix x, out, cos, sin;
  const float* weight;  // (headDim) of the head norm, or null: no norm
  float eps;
  i32 heads, order, pairing;
};

// Backend.rmsNorm.
struct RmsNormCall {
  Matrix x, out;
  const float* weight;  // (N)
  float eps;
  i32 unused;
};

// Backend.layerNorm.
struct LayerNormCall {
  Matrix x, out;
  const float *weight, *bias;  // (N)
  float eps;
  i32 unused;
};

// Backend.modulatedLayerNorm.
struct ModulationCall {
  Matrix x, shift, scale, out;  // shift, scale: (1, N)
  float eps;
  i32 unused;
};

// Backend.groupNorm, in two kernels. The pixels of a picture are cut into `splits` runs of equal length (the last may be
// shorter or empty); for each run, group and picture the first kernel leaves mean and sum of squared distances from it.
struct GroupNormCall {
  Matrix x, out;                // (batch * pixels, C)
  const float *weight, *bias;   // (C)
  float* statistics;            // (batch, groups, splits, 2)
  i32 batch, pixels, groups, splits;
  float eps;
  i32 activation;  // STORE or SILU
};

// Backend.upsampleNearest. x: (batch * height * width, C).
struct UpsampleCall {
  Matrix x, out;
  i32 batch, height, width, unused;
};

// Backend.embed. The host has checked the ids.
struct EmbeddingCall {
  Matrix ids, table, out;
};

// copy and silu: out from a. add: a and b. euler_step: a is x, b the velocity, factor dt. guide: a is negative, b positive, factor
// the scale.
struct ElementwiseCall {
  Matrix a, b, out;
  float factor;
  i32 unused;
};

// Backend.blend.
struct BlendCall {
  Matrix kept, repainted, mask, out;  // mask: (M, 1)
};

// Random weights of mean `offset` and standard deviation `scale`, a function of seed and place alone.
struct FillCall {
  Matrix out;
  u64 seed;
  float scale, offset;
};
