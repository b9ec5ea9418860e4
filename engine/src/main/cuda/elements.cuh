// Elements of a matrix, read to float32 and written rounded: R(.) of the formulas.
#pragma once
#include "calls.cuh"

// The value of a bfloat16.
DEVICE float widen(u16 bits) { return float_of((u32)bits << 16); }

// `value` rounded to what `type` can hold.
DEVICE float rounded(float value, i32 type) { return type == BF16 ? float_of(pack_bf16(0.f, value) & 0xffff0000u) : value; }

DEVICE float load_element(const Matrix& matrix, i64 row, i64 column) {
  const i64 index = row * matrix.stride + column;
  return matrix.type == BF16 ? widen(global_load((const u16*)matrix.data + index))
                             : global_load((const float*)matrix.data + index);
}

DEVICE void store_element(const Matrix& matrix, i64 row, i64 column, float value) {
  const i64 index = row * matrix.stride + column;
  if (matrix.type == BF16) {
    global_store((u16*)matrix.data + index, (u16)pack_bf16(value, 0.f));
  } else {
    global_store((float*)matrix.data + index, value);
  }
}

// Two neighbours of a row.
struct Pair {
  float low, high;
};

DEVICE bool aligned_pair(const Matrix& matrix, i64 index) {
  return matrix.type == BF16 && ((u64)matrix.data + 2 * index) % 4 == 0;
}

// Elements (row, column) and, if `both`, (row, column + 1).
DEVICE Pair load_pair(const Matrix& matrix, i64 row, i64 column, bool both) {
  const i64 index = row * matrix.stride + column;
  if (both && aligned_pair(matrix, index)) {
    const u32 bits = global_load((const u32*)((const u16*)matrix.data + index));
    return {widen((u16)bits), widen((u16)(bits >> 16))};
  }
  return {load_element(matrix, row, column), both ? load_element(matrix, row, column + 1) : 0.f};
}

DEVICE void store_pair(const Matrix& matrix, i64 row, i64 column, bool both, Pair value) {
  const i64 index = row * matrix.stride + column;
  if (both && aligned_pair(matrix, index)) {
    global_store((u32*)((u16*)matrix.data + index), pack_bf16(value.low, value.high));
    return;
  }
  store_element(matrix, row, column, value.low);
  if (both) {
    store_element(matrix, row, column + 1, value.high);
  }
}

// e^x to a few 2^-24 of itself, 0 below -87: 2^n times a polynomial of the rest, which the approximation of the hardware, good
// to 2^-22 and with its argument rounded before, is not.
DEVICE float exponential(float x) {
  if (!(x >= -87.f)) {
    return x < -87.f ? 0.f : x;  // not a number stays so
  }
  if (x > 88.7f) {
    return float_of(0x7f800000u);
  }
  const float whole = multiply_add(x, 1.44269504f, 12582912.f) - 12582912.f;
  float rest = multiply_add(whole, -0.693145752f, x);
  rest = multiply_add(whole, -1.42860677e-6f, rest);
  float sum = multiply_add(rest, 1.98756987e-4f, 1.39819994e-3f);
  sum = multiply_add(sum, rest, 8.33345205e-3f);
  sum = multiply_add(sum, rest, 4.16657962e-2f);
  sum = multiply_add(sum, rest, 1.66666657e-1f);
  sum = multiply_add(sum, rest, 0.5f);
  sum = multiply_add(sum, rest * rest, rest) + 1.f;
  const i32 power = (i32)whole;
  // In two steps: 2^128 is no float32.
  const float half = float_of((u32)(power / 2 + 127) << 23);
  return sum * half * float_of((u32)(power - power / 2 + 127) << 23);
}

// x / (1 + e^-x).
DEVICE float silu(float x) { return quotient(x, 1.f + exponential(-x)); }

// x / 2 * (1 + erf(x / sqrt(2))) = max(x, 0) - |x| / 2 * erfc(|x| / sqrt(2)), of e^(-x^2 / 2). There erfc(z) = e^(-z^2) * t * p(t),
// t = 1 / (1 + z / 2); p is a polynomial fitted to 5e-8 of it for z up to 12.
DEVICE float gelu_of(float x, float bell) {
  const float size = float_of(bits_of(x) & 0x7fffffffu);
  const float t = quotient(1.f, multiply_add(size, 0.35355338f, 1.f));
  float p = multiply_add(-0.059363812f, t, 0.28601384f);
  p = multiply_add(p, t, -0.49017936f);
  p = multiply_add(p, t, 0.281475f);
  p = multiply_add(p, t, -0.02897184f);
  p = multiply_add(p, t, 0.20367843f);
  p = multiply_add(p, t, 0.24285363f);
  p = multiply_add(p, t, 0.2824096f);
  p = multiply_add(p, t, 0.28208447f);
  const float tail = size > 14.f ? 0.f : 0.5f * size * (bell * t * p);  // not a number stays so
  return larger(x, 0.f) - tail;
}

// 2 * sqrt(2 / pi) * (x + 0.044715 * x^3), each step rounded to `type`.
DEVICE float composed_power(float x, i32 type) {
  const float cube = rounded(rounded(x * x, type) * x, type);
  const float sum = rounded(x + rounded(0.044715f * cube, type), type);
  return 2.f * rounded(0.7978846f * sum, type);
}

// One of the activations of x from SILU to GELU_QUICK: all of one exponential. 1 + tanh(y) = 2 / (1 + e^-2y). A composed one rounds
// its steps to `type`.
DEVICE float activated(i32 kind, float x, i32 type) {
  float power = -x;
  if (kind == GELU_TANH) {
    power = -1.595769f * x * multiply_add(0.044715f * x, x, 1.f);
  } else if (kind == GELU_COMPOSED_TANH) {
    power = -composed_power(x, type);
  } else if (kind == GELU_ERF) {
    power = -0.5f * x * x;
  } else if (kind == GELU_QUICK) {
    power = -rounded(1.702f * x, type);
  }
  const float e = exponential(power);
  if (kind == GELU_ERF) {
    return gelu_of(x, e);
  }
  if (kind == GELU_QUICK) {
    return x * rounded(quotient(1.f, 1.f + e), type);
  }
  if (kind == GELU_COMPOSED_TANH) {
    return 0.5f * x * rounded(1.f + rounded(quotient(2.f, 1.f + e) - 1.f, type), type);
  }
  return quotient(x, 1.f + e);
}
