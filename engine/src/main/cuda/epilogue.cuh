// What becomes of the sums of a product: R(sum + bias), then the epilogue, each step rounded to the type of out.
#pragma once
#include "elements.cuh"

// Where the result of a product goes.
struct ProductEnd {
  const Matrix& out;
  const float* bias;  // (columns of out), or null
  const Epilogue& epilogue;
};

// One element: `operand` and `gate` are what the epilogue has there, 0 where it has none; ADD_BIAS has its bias as the gate.
DEVICE float after_product(const ProductEnd& end, float sum, float operand, float gate) {
  const i32 type = end.out.type;
  const float product = rounded(sum, type);
  switch (end.epilogue.kind) {
    case SILU:
    case GELU_TANH:
    case GELU_COMPOSED_TANH:
    case GELU_ERF:
    case GELU_QUICK:
      return activated(end.epilogue.kind, product, type);
    case ADD_BIAS:
      return product + gate;
    case MULTIPLY:
      return operand * product;
    case ADD:
      return operand + product;
    case GATED_ADD:
      return operand + rounded(gate * product, type);
    default:
      return product;
  }
}

DEVICE Pair load_vector(const float* vector, int column, bool both) {
  return {global_load(vector + column), both ? global_load(vector + column + 1) : 0.f};
}

// Stores what becomes of the sums at (row, column) and (row, column + 1), as far as out has them.
DEVICE void end_product(const ProductEnd& end, i64 row, int column, Pair sum) {
  if (row >= end.out.rows || column >= end.out.columns) {
    return;
  }
  const bool both = column + 1 < end.out.columns;
  const Epilogue& epilogue = end.epilogue;
  if (end.bias != nullptr) {
    const Pair bias = load_vector(end.bias, column, both);
    sum = {sum.low + bias.low, sum.high + bias.high};
  }
  Pair operand = {0.f, 0.f}, gate = {0.f, 0.f};
  if (epilogue.kind >= MULTIPLY) {
    operand = load_pair(epilogue.operand, row, column, both);
  }
  if (epilogue.kind == GATED_ADD) {
    gate = load_pair(epilogue.gate, 0, column, both);
  }
  if (epilogue.kind == ADD_BIAS) {
    gate = load_vector(epilogue.bias, column, both);
  }
  store_pair(end.out, row, column, both,
             {after_product(end, sum.low, operand.low, gate.low), after_product(end, sum.high, operand.high, gate.high)});
}
