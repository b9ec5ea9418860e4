// The primitives of primitives.cuh on a CPU: the emulator's face towards the kernels. Every CUDA thread is a fiber; barriers
// and the collectives of a warp are meeting points. What the machine model leaves open is decided against the kernel: shared
// memory starts as NaN, asynchronous copies land at the wait that needs them and not before, threads run in shuffled order.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#define MEMBER inline __attribute__((always_inline))
#define DEVICE static MEMBER
#define KERNEL(threads, blocks) EMULATOR_KERNEL(__COUNTER__, threads, blocks)
#define EMULATOR_KERNEL(number, threads, blocks) EMULATOR_BOUNDED(number, threads, blocks)
#define EMULATOR_BOUNDED(number, threads, blocks) \
  namespace { \
  const emulator::Bounds bounds_##number(threads, blocks); \
  } \
  static void
#define ARGUMENT const
#define REGISTER(kernel) \
  namespace { \
  const emulator::Registration registration_##kernel(#kernel, kernel); \
  }
#define UNROLL
#define UNROLL_BY(count)

#ifdef __SANITIZE_ADDRESS__
// Before a call that does not return the sanitizer looks for the ends of a stack that it does not know.
#define EMULATOR_NO_RETURN __attribute__((noipa))
#else
#define EMULATOR_NO_RETURN [[noreturn]]
#endif

namespace emulator {

// How an execution went wrong, as the driver would tell it.
enum class Fault { NONE, ILLEGAL_ADDRESS, MISALIGNED_ADDRESS, LAUNCH_FAILED, TIMEOUT };

struct Geometry {
  unsigned gridX, gridY, gridZ, threads, sharedBytes;
};

// A kernel by name: how many bytes of arguments it takes, its launch bounds, and how one thread of it runs.
struct Kernel {
  const char* name;
  std::size_t argumentBytes;
  unsigned threads, blocks;
  void (*run)(void (*function)(), const void* argument);
  void (*function)();
};
// Makes the kernel known, with the bounds that were declared last.
void add(Kernel kernel);

struct Bounds {
  Bounds(unsigned threads, unsigned blocks);
};

struct Registration {
  template <class Call>
  Registration(const char* name, void (*kernel)(const Call)) {
    add({name, sizeof(Call), 0, 0,
         [](void (*function)(), const void* argument) {
           reinterpret_cast<void (*)(const Call)>(function)(*static_cast<const Call*>(argument));
         },
         reinterpret_cast<void (*)()>(kernel)});
  }
};

// What the threads of a block ask of the emulator. A thread asks for its number as often as it likes: it is a constant of it.
[[gnu::const]] int thread();
[[gnu::const]] unsigned block(int axis);
[[gnu::const]] unsigned blocks();
void barrier();

// The memory that the block under execution can reach: its shared memory, and the allocations that it touched last.
struct Window {
  static constexpr int RANGES = 8;
  struct Range {
    std::uintptr_t start, end;
  };
  char* shared;
  std::size_t sharedBytes;
  Range ranges[RANGES];
  int oldest;
};
extern __thread Window window __attribute__((tls_model("initial-exec")));

EMULATOR_NO_RETURN void refuseShared(std::uint32_t address, std::size_t bytes, std::size_t alignment);
MEMBER char* shared(std::uint32_t address, std::size_t bytes, std::size_t alignment) {
  if (__builtin_expect(address % alignment != 0 || address + bytes > window.sharedBytes, 0)) {
    refuseShared(address, bytes, alignment);
  }
  return window.shared + address;
}

void lookUpGlobal(const void* address, std::size_t bytes, std::size_t alignment);
MEMBER void checkGlobal(const void* address, std::size_t bytes, std::size_t alignment) {
  const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(address);
  if (__builtin_expect(from % alignment == 0, 1)) {
    for (const Window::Range& range : window.ranges) {
      if (from >= range.start && from + bytes <= range.end) {
        return;
      }
    }
  }
  lookUpGlobal(address, bytes, alignment);
}

void copyAsync(std::uint32_t to, const void* from, int bytes);
void commitCopies();
void waitCopies(int groups);
// Meets the other 31 lanes of the warp; the last to come runs `all` over the arguments of every lane.
void meet(int operation, void* argument, void (*all)(void** arguments));
void countMatrixLoad(void** rows);

float bf16(u16 bits);
}  // namespace emulator

DEVICE int thread_x() { return emulator::thread(); }
DEVICE int block_x() { return (int)emulator::block(0); }
DEVICE int block_y() { return (int)emulator::block(1); }
DEVICE int block_z() { return (int)emulator::block(2); }
DEVICE int blocks_x() { return (int)emulator::blocks(); }
DEVICE void block_barrier() { emulator::barrier(); }

DEVICE u32 shared_base() { return 0; }
DEVICE float shared_load_f32(u32 address) {
  float value;
  std::memcpy(&value, emulator::shared(address, 4, 4), 4);
  return value;
}
DEVICE void shared_store_f32(u32 address, float value) { std::memcpy(emulator::shared(address, 4, 4), &value, 4); }
DEVICE u16 shared_load_u16(u32 address) {
  u16 value;
  std::memcpy(&value, emulator::shared(address, 2, 2), 2);
  return value;
}
DEVICE void shared_store_u16(u32 address, u16 value) { std::memcpy(emulator::shared(address, 2, 2), &value, 2); }
DEVICE Quad shared_load_quad(u32 address) {
  Quad value;
  std::memcpy(&value, emulator::shared(address, 16, 16), 16);
  return value;
}
DEVICE void shared_store_quad(u32 address, const Quad& value) { std::memcpy(emulator::shared(address, 16, 16), &value, 16); }

template <class T>
DEVICE T global_load(const T* from) {
  emulator::checkGlobal(from, sizeof(T), sizeof(T));
  return *from;
}
template <class T>
DEVICE void global_store(T* to, T value) {
  emulator::checkGlobal(to, sizeof(T), sizeof(T));
  *to = value;
}

DEVICE void copy_async_16(u32 to, const void* from, int bytes) { emulator::copyAsync(to, from, bytes); }
DEVICE void commit_copies() { emulator::commitCopies(); }
template <int N>
DEVICE void wait_copies() {
  emulator::waitCopies(N);
}

namespace emulator {
struct MatrixLoad {
  u32* fragment;
  u32 row;
};
template <bool TRANSPOSED>
void loadMatrices(void** arguments) {
  countMatrixLoad(arguments);
  u16 matrix[4][8][8];
  for (int m = 0; m < 4; m++) {
    for (int r = 0; r < 8; r++) {
      std::memcpy(matrix[m][r], shared(static_cast<MatrixLoad*>(arguments[m * 8 + r])->row, 16, 16), 16);
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    const int r = lane / 4, c = lane % 4 * 2;
    for (int m = 0; m < 4; m++) {
      const u16 low = TRANSPOSED ? matrix[m][c][r] : matrix[m][r][c];
      const u16 high = TRANSPOSED ? matrix[m][c + 1][r] : matrix[m][r][c + 1];
      static_cast<MatrixLoad*>(arguments[lane])->fragment[m] = low | (u32)high << 16;
    }
  }
}

// Of one lane: (rows, 2 pairs, 4) sums, (rows, 4) of a, (pairs, 4) of b.
struct Multiplication {
  float* sum;
  const u32* a;
  const u32* b;
};
void multiplyBf16(void** arguments, int rows, int pairs);
template <int ROWS, int PAIRS>
void multiplyAll(void** arguments) {
  multiplyBf16(arguments, ROWS, PAIRS);
}

struct Shuffle {
  float value;
  int mask;
  float* other;
};
void shuffleXor(void** arguments);
}  // namespace emulator

DEVICE void load_matrices(u32 (&fragment)[4], u32 row) {
  emulator::MatrixLoad load{fragment, row};
  emulator::meet(1, &load, emulator::loadMatrices<false>);
}
DEVICE void load_matrices_transposed(u32 (&fragment)[4], u32 row) {
  emulator::MatrixLoad load{fragment, row};
  emulator::meet(2, &load, emulator::loadMatrices<true>);
}
template <int ROWS, int PAIRS>
DEVICE void multiply_bf16(float (&sum)[ROWS][2 * PAIRS][4], const u32 (&a)[ROWS][4], const u32 (&b)[PAIRS][4]) {
  emulator::Multiplication multiplication{&sum[0][0][0], &a[0][0], &b[0][0]};
  emulator::meet(3 + (ROWS << 8) + (PAIRS << 16), &multiplication, emulator::multiplyAll<ROWS, PAIRS>);
}
DEVICE float shuffle_xor(float value, int mask) {
  float other;
  emulator::Shuffle shuffle{value, mask, &other};
  emulator::meet(4, &shuffle, emulator::shuffleXor);
  return other;
}

DEVICE u32 bits_of(float value) {
  u32 bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}
DEVICE float float_of(u32 bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
DEVICE float multiply_add(float a, float b, float c) { return std::fmaf(a, b, c); }
DEVICE float larger(float a, float b) { return std::fmaxf(a, b); }
DEVICE float square_root(float value) { return std::sqrt(value); }
DEVICE float quotient(float dividend, float divisor) { return dividend / divisor; }
DEVICE float exponential2(float x) { return x < -126.f ? 0.f : std::exp2f(x); }
DEVICE u16 nearest_bf16(float value) {
  const u32 bits = bits_of(value);
  return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fff : (u16)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}
DEVICE u32 pack_bf16(float low, float high) { return nearest_bf16(low) | (u32)nearest_bf16(high) << 16; }
