// The only place with PTX. Every kernel of this folder is written in these primitives, and they exist three times: as inline
// PTX under nvcc, the same under clang without any CUDA header, and in emulator.hpp, where a CPU executes the kernels.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

// Sixteen bytes that move as one.
struct alignas(16) Quad {
  u32 word[4];
};

#ifdef FLUXGATE_EMULATOR
#include "emulator.hpp"
#else

#ifdef __clang__
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __grid_constant__
#define MEMBER __device__ __forceinline__
#define DEVICE static MEMBER
DEVICE int thread_x() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int block_x() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int block_y() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE int block_z() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE int blocks_x() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE void block_barrier() { asm volatile("bar.sync 0;" ::: "memory"); }
#else
#define MEMBER __device__ __forceinline__
#define DEVICE static MEMBER
DEVICE int thread_x() { return threadIdx.x; }
DEVICE int block_x() { return blockIdx.x; }
DEVICE int block_y() { return blockIdx.y; }
DEVICE int block_z() { return blockIdx.z; }
DEVICE int blocks_x() { return gridDim.x; }
DEVICE void block_barrier() { __syncthreads(); }
#endif

// A kernel takes one structure of calls.cuh. REGISTER makes it known to the emulator.
#define KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)
#define ARGUMENT const __grid_constant__
#define REGISTER(kernel)
#define PRAGMA(text) _Pragma(#text)
#define UNROLL PRAGMA(unroll)
#define UNROLL_BY(count) PRAGMA(unroll(count))

extern __shared__ __attribute__((aligned(1024))) char dynamic_shared_memory[];

// ---- Shared memory, addressed as 32-bit offsets.

// Address of the dynamic shared memory of this block.
DEVICE u32 shared_base() {
  u32 address;
  asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(address) : "l"(dynamic_shared_memory));
  return address;
}

DEVICE float shared_load_f32(u32 address) {
  float value;
  asm volatile("ld.shared.f32 %0, [%1];" : "=f"(value) : "r"(address));
  return value;
}
DEVICE void shared_store_f32(u32 address, float value) {
  asm volatile("st.shared.f32 [%0], %1;" ::"r"(address), "f"(value) : "memory");
}
DEVICE u16 shared_load_u16(u32 address) {
  u16 value;
  asm volatile("ld.shared.u16 %0, [%1];" : "=h"(value) : "r"(address));
  return value;
}
DEVICE void shared_store_u16(u32 address, u16 value) {
  asm volatile("st.shared.u16 [%0], %1;" ::"r"(address), "h"(value) : "memory");
}
DEVICE Quad shared_load_quad(u32 address) {
  Quad value;
  asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(value.word[0]), "=r"(value.word[1]), "=r"(value.word[2]), "=r"(value.word[3])
               : "r"(address));
  return value;
}
DEVICE void shared_store_quad(u32 address, const Quad& value) {
  asm volatile("st.shared.v4.u32 [%0], {%1,%2,%3,%4};" ::"r"(address), "r"(value.word[0]), "r"(value.word[1]),
               "r"(value.word[2]), "r"(value.word[3])
               : "memory");
}

// ---- Global memory. T: u16, u32, i32, float, Quad; aligned to its size.

template <class T>
DEVICE T global_load(const T* from) {
  return *from;
}
template <class T>
DEVICE void global_store(T* to, T value) {
  *to = value;
}

// ---- Asynchronous copies from global to shared memory.

// Copies the first `bytes` (0..16) of 16 and writes zeros behind them. Source and target are aligned to 16; with 0 bytes the
// source is not read, but must be an address of the same allocation.
DEVICE void copy_async_16(u32 to, const void* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}
// Closes the group of copies that this thread began since the last group.
DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most N groups of this thread are under way.
template <int N>
DEVICE void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

// ---- Matrix fragments of a warp. All 32 lanes must arrive.

// Four 8 x 8 matrices of 16-bit elements; lane 8 i + r names row r of matrix i, 16 aligned bytes.
DEVICE void load_matrices(u32 (&fragment)[4], u32 row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"(row)
               : "memory");
}
// The same, each matrix transposed.
DEVICE void load_matrices_transposed(u32 (&fragment)[4], u32 row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"(row)
               : "memory");
}
// sum (16 x 8, float32) += a (16 x 16) * b (16 x 8), bfloat16. Lane l holds rows l/4 and l/4 + 8, columns 2 (l%4) and one more.
// Kernels take the form below for many fragments at once, which is also the one of the emulator.
DEVICE void multiply_bf16(float (&sum)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
// The products of ROWS fragments a with 2 PAIRS fragments b, of which b[j] holds two.
template <int ROWS, int PAIRS>
DEVICE void multiply_bf16(float (&sum)[ROWS][2 * PAIRS][4], const u32 (&a)[ROWS][4], const u32 (&b)[PAIRS][4]) {
  UNROLL
  for (int i = 0; i < ROWS; i++) {
    UNROLL
    for (int j = 0; j < 2 * PAIRS; j++) {
      multiply_bf16(sum[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
    }
  }
}
// The value of the lane whose number differs in the bits of `mask`.
DEVICE float shuffle_xor(float value, int mask) {
  float other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(value), "r"(mask));
  return other;
}

// ---- Arithmetic. Sources are compiled without contraction: what shall be fused says multiply_add.

DEVICE u32 bits_of(float value) {
  u32 bits;
  asm("mov.b32 %0, %1;" : "=r"(bits) : "f"(value));
  return bits;
}
DEVICE float float_of(u32 bits) {
  float value;
  asm("mov.b32 %0, %1;" : "=f"(value) : "r"(bits));
  return value;
}
// a * b + c, rounded once.
DEVICE float multiply_add(float a, float b, float c) {
  float sum;
  asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(sum) : "f"(a), "f"(b), "f"(c));
  return sum;
}
DEVICE float larger(float a, float b) {
  float value;
  asm("max.f32 %0, %1, %2;" : "=f"(value) : "f"(a), "f"(b));
  return value;
}
DEVICE float square_root(float value) {
  float root;
  asm("sqrt.rn.f32 %0, %1;" : "=f"(root) : "f"(value));
  return root;
}
DEVICE float quotient(float dividend, float divisor) {
  float value;
  asm("div.rn.f32 %0, %1, %2;" : "=f"(value) : "f"(dividend), "f"(divisor));
  return value;
}
// 2^x to 2^-22 of itself; 0 for subnormal results.
DEVICE float exponential2(float x) {
  float value;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(value) : "f"(x));
  return value;
}
// The bfloat16 nearest to `value`, ties to even, in the low half; another in the high half.
DEVICE u32 pack_bf16(float low, float high) {
  u32 pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
#endif
