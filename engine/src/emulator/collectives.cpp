// What the threads of a block ask of the emulator: barriers, shared and global memory, the collectives of a warp.
#include <algorithm>

#include "allocations.hpp"
#include "block.hpp"

namespace emulator {
namespace {
constexpr int MOST_FRAGMENTS = 8;  // of either side of one multiplication, 16 rows each
}

int thread() { return running().thread(); }
unsigned block(int axis) { return running().index[axis]; }
unsigned blocks() { return running().geometry->gridX; }

void barrier() {
  Block& block = running();
  block.suspend();
  if (++block.atBarrier == block.threads) {
    block.atBarrier = 0;
    block.resumeAll();
    if (!block.shuffled) {
      return;
    }
  }
  block.yield();
}

void meet(int operation, void* argument, void (*all)(void** arguments)) {
  Block& block = running();
  const int self = block.thread();
  Warp& warp = block.warps[self / 32];
  if (warp.arrived > 0 && warp.operation != operation) {
    block.fail(Fault::LAUNCH_FAILED, "the lanes of a warp meet in different collectives");
  }
  warp.operation = operation;
  warp.arguments[self % 32] = argument;
  if (++warp.arrived < 32) {
    block.suspend();
    block.yield();
    return;
  }
  all(warp.arguments);
  warp.arrived = 0;
  block.resumeWarp(self / 32);
}

void refuseShared(std::uint32_t address, std::size_t bytes, std::size_t alignment) {
  if (address % alignment != 0) {
    running().fail(Fault::MISALIGNED_ADDRESS, "shared address " + std::to_string(address) + " (expected: a multiple of " +
                                                  std::to_string(alignment) + ")");
  }
  running().fail(Fault::ILLEGAL_ADDRESS, "shared bytes [" + std::to_string(address) + ", " + std::to_string(address + bytes) +
                                             ") (expected: within " + std::to_string(window.sharedBytes) + ")");
}

void lookUpGlobal(const void* address, std::size_t bytes, std::size_t alignment) {
  if (reinterpret_cast<std::uintptr_t>(address) % alignment != 0) {
    running().fail(Fault::MISALIGNED_ADDRESS, "global access of " + std::to_string(bytes) +
                                                  " bytes (expected: an address that is a multiple of " +
                                                  std::to_string(alignment) + ")");
  }
  const Allocations::Range found = Allocations::instance().around(address, bytes);
  if (found.end == 0) {
    running().fail(Fault::ILLEGAL_ADDRESS, "global access of " + std::to_string(bytes) + " bytes outside of every allocation");
  }
  window.ranges[window.oldest] = {found.start, found.end};
  window.oldest = (window.oldest + 1) % Window::RANGES;
}

void copyAsync(std::uint32_t to, const void* from, int bytes) {
  char* target = shared(to, 16, 16);
  checkGlobal(from, bytes == 0 ? 1 : (std::size_t)bytes, 16);
  std::memset(target, 0xff, 16);
  Block& block = running();
  block.fibers[block.thread()].copies.add({target, from, bytes});
}

void commitCopies() { running().fibers[running().thread()].copies.commit(); }
void waitCopies(int groups) { running().fibers[running().thread()].copies.wait(groups); }

void countMatrixLoad(void** arguments) {
  for (int matrix = 0; matrix < 4; matrix++) {
    int rowsInBanks[8] = {};
    int most = 0;
    for (int r = 0; r < 8; r++) {
      const u32 row = static_cast<MatrixLoad*>(arguments[matrix * 8 + r])->row;
      most = std::max(most, ++rowsInBanks[row / 16 % 8]);
    }
    running().statistics.matrixLoads++;
    running().statistics.wavefronts += most;
  }
}

// Four rows of 16 elements of a with 16 columns of b; rows of b and of the result are MOST_FRAGMENTS * 16 apart.
static void multiplyFourRows(const float (*a)[16], const float* b, float* to) {
  typedef float Columns __attribute__((vector_size(64)));
  Columns sum[4] = {};
  for (int k = 0; k < 16; k++) {
    Columns columns;
    std::memcpy(&columns, b + k * MOST_FRAGMENTS * 16, sizeof columns);
    for (int row = 0; row < 4; row++) {
      sum[row] += a[row][k] * columns;
    }
  }
  for (int row = 0; row < 4; row++) {
    std::memcpy(to + row * MOST_FRAGMENTS * 16, &sum[row], sizeof sum[row]);
  }
}

void multiplyBf16(void** arguments, int rows, int pairs) {
  alignas(64) float a[MOST_FRAGMENTS * 16][16];
  alignas(64) float b[16][MOST_FRAGMENTS * 16];
  for (int lane = 0; lane < 32; lane++) {
    const auto* own = static_cast<Multiplication*>(arguments[lane]);
    const int g = lane / 4, t = lane % 4 * 2;
    for (int i = 0; i < rows; i++) {
      for (int part = 0; part < 4; part++) {
        const u32 pair = own->a[i * 4 + part];
        float* to = &a[i * 16 + g + part % 2 * 8][t + part / 2 * 8];
        to[0] = bf16((u16)pair);
        to[1] = bf16((u16)(pair >> 16));
      }
    }
    for (int j = 0; j < pairs; j++) {
      for (int part = 0; part < 4; part++) {
        const u32 pair = own->b[j * 4 + part];
        const int k = t + part % 2 * 8, column = j * 16 + part / 2 * 8 + g;
        b[k][column] = bf16((u16)pair);
        b[k + 1][column] = bf16((u16)(pair >> 16));
      }
    }
  }
  // Sixteen rows at a time: this runs on the stack of a fiber.
  for (int i = 0; i < rows; i++) {
    alignas(64) float sum[16][MOST_FRAGMENTS * 16];
    for (int row = 0; row < 16; row += 4) {
      for (int j = 0; j < pairs; j++) {
        multiplyFourRows(&a[i * 16 + row], &b[0][j * 16], &sum[row][j * 16]);
      }
    }
    for (int lane = 0; lane < 32; lane++) {
      float* own = static_cast<Multiplication*>(arguments[lane])->sum + i * pairs * 8;
      const int g = lane / 4, t = lane % 4 * 2;
      for (int j = 0; j < 2 * pairs; j++, own += 4) {
        own[0] += sum[g][j * 8 + t];
        own[1] += sum[g][j * 8 + t + 1];
        own[2] += sum[g + 8][j * 8 + t];
        own[3] += sum[g + 8][j * 8 + t + 1];
      }
    }
  }
}

void shuffleXor(void** arguments) {
  for (int lane = 0; lane < 32; lane++) {
    auto* own = static_cast<Shuffle*>(arguments[lane]);
    *own->other = static_cast<Shuffle*>(arguments[lane ^ own->mask])->value;
  }
}

float bf16(u16 bits) {
  const u32 wide = (u32)bits << 16;
  float value;
  std::memcpy(&value, &wide, 4);
  return value;
}
}  // namespace emulator
