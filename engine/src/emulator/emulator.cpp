#include "execution.hpp"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "allocations.hpp"
#include "primitives.cuh"

// Saves the registers that a call keeps on the stack of one fiber and takes them from that of another.
extern "C" void emulator_switch(void** from, void* to);
asm(R"(
.text
.globl emulator_switch
.hidden emulator_switch
.type emulator_switch, @function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

namespace emulator {
namespace {
constexpr std::size_t STACK_BYTES = 64 << 10;
constexpr std::size_t SHARED_ALIGNMENT = 1024;
constexpr int MOST_FRAGMENTS = 8;  // of either side of one multiplication, 16 rows each
constexpr char RUNNABLE = 0, AT_BARRIER = 1, AT_COLLECTIVE = 2, DONE = 3;

struct PendingCopy {
  char* to;
  const void* from;
  int bytes;
};

struct Fiber {
  void* stack;
  std::vector<PendingCopy> open;
  std::vector<std::vector<PendingCopy>> groups;  // oldest first
};

struct Warp {
  int arrived = 0;
  int operation = 0;
  void* arguments[32];
};

// One block under execution, with everything that its threads share.
struct Block {
  const Kernel* kernel;
  const void* argument;
  const Geometry* geometry;
  Statistics* statistics;
  unsigned index[3];
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  std::vector<int> order;         // threads in the order in which they get their turn
  std::vector<int> position;      // where a thread stands in that order
  std::vector<char> state;        // by position
  std::vector<char> stacks;
  std::vector<char> sharedBytes;
  char* sharedMemory;
  int atBarrier;
  int done;
  int current;                    // position
  void* scheduler;
  Failure failure;
  std::mt19937 random;
  bool shuffled;
};

thread_local Block* executing __attribute__((tls_model("initial-exec")));

int currentThread() { return executing->order[executing->current]; }

// Gives the turn to the next thread that can run, or back to the scheduler if there is none.
void yield() {
  Block& block = *executing;
  const int from = block.current;
  const int count = (int)block.state.size();
  const char* state = block.state.data();
  const char* next = static_cast<const char*>(std::memchr(state + from + 1, RUNNABLE, count - from - 1));
  if (next == nullptr && !block.shuffled) {
    next = static_cast<const char*>(std::memchr(state, RUNNABLE, from + 1));
  }
  void** here = &block.fibers[block.order[from]].stack;
  if (next == nullptr) {
    emulator_switch(here, block.scheduler);
  } else if (next - state != from) {
    block.current = (int)(next - state);
    emulator_switch(here, block.fibers[block.order[block.current]].stack);
  }
}

// Ends the execution of the whole launch; the fibers are abandoned where they stand.
[[noreturn]] void fail(Fault fault, const std::string& what) {
  Block& block = *executing;
  block.failure = {fault, std::string(block.kernel->name) + ", block (" + std::to_string(block.index[0]) + ", " +
                              std::to_string(block.index[1]) + ", " + std::to_string(block.index[2]) + "), thread " +
                              std::to_string(currentThread()) + ": " + what};
  void* abandoned;
  emulator_switch(&abandoned, block.scheduler);
  __builtin_unreachable();
}

void enter() {
  Block& block = *executing;
  block.kernel->run(block.kernel->function, block.argument);
  Fiber& fiber = block.fibers[currentThread()];
  for (const auto& group : fiber.groups) {
    if (!group.empty()) {
      fail(Fault::LAUNCH_FAILED, "ends with asynchronous copies under way (expected: a wait for all of them)");
    }
  }
  if (!fiber.open.empty()) {
    fail(Fault::LAUNCH_FAILED, "ends with asynchronous copies that no group holds (expected: a commit and a wait)");
  }
  block.state[block.current] = DONE;
  block.done++;
  yield();
  __builtin_unreachable();
}

void land(const std::vector<PendingCopy>& copies) {
  for (const PendingCopy& copy : copies) {
    std::memcpy(copy.to, copy.from, copy.bytes);
    std::memset(copy.to + copy.bytes, 0, 16 - copy.bytes);
  }
}

void prepare(Block& block) {
  const int threads = (int)block.fibers.size();
  block.atBarrier = 0;
  block.done = 0;
  std::memset(block.sharedMemory, 0xff, block.geometry->sharedBytes);
  std::fill(block.state.begin(), block.state.end(), RUNNABLE);
  for (Warp& warp : block.warps) {
    warp.arrived = 0;
  }
  for (int i = 0; i < threads; i++) {
    Fiber& fiber = block.fibers[i];
    fiber.open.clear();
    fiber.groups.clear();
    const std::uintptr_t top = reinterpret_cast<std::uintptr_t>(block.stacks.data() + STACK_BYTES * (i + 1)) & ~63ull;
    void** stack = reinterpret_cast<void**>(top);
    *--stack = nullptr;
    *--stack = reinterpret_cast<void*>(enter);
    for (int saved = 0; saved < 6; saved++) {
      *--stack = nullptr;
    }
    fiber.stack = stack;
  }
}

// Runs all threads of one block to their end, or to the failure of one.
void run(Block& block) {
  prepare(block);
  executing = &block;
  const int threads = (int)block.fibers.size();
  while (block.done < threads && block.failure.fault == Fault::NONE) {
    if (block.shuffled) {
      // States move with their threads.
      std::vector<char> byThread(threads);
      for (int i = 0; i < threads; i++) {
        byThread[block.order[i]] = block.state[i];
      }
      std::shuffle(block.order.begin(), block.order.end(), block.random);
      for (int i = 0; i < threads; i++) {
        block.state[i] = byThread[block.order[i]];
        block.position[block.order[i]] = i;
      }
    }
    const void* next = std::memchr(block.state.data(), RUNNABLE, threads);
    if (next == nullptr) {
      block.current = 0;
      block.failure = {Fault::TIMEOUT, std::string(block.kernel->name) + ": deadlock, " + std::to_string(block.atBarrier) +
                                           " of " + std::to_string(threads) + " threads at a barrier, " +
                                           std::to_string(block.done) + " at their end (expected: all of them)"};
      break;
    }
    block.current = (int)(static_cast<const char*>(next) - block.state.data());
    emulator_switch(&block.scheduler, block.fibers[block.order[block.current]].stack);
  }
  executing = nullptr;
}

void setUp(Block& block, const Kernel& kernel, const Geometry& geometry, const void* argument) {
  block.kernel = &kernel;
  block.argument = argument;
  block.geometry = &geometry;
  block.fibers.resize(geometry.threads);
  block.warps.resize((geometry.threads + 31) / 32);
  block.state.resize(geometry.threads);
  block.order.resize(geometry.threads);
  block.position.resize(geometry.threads);
  for (unsigned i = 0; i < geometry.threads; i++) {
    block.order[i] = block.position[i] = (int)i;
  }
  block.stacks.resize(STACK_BYTES * geometry.threads + 64);
  block.sharedBytes.resize(geometry.sharedBytes + SHARED_ALIGNMENT);
  const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(block.sharedBytes.data());
  block.sharedMemory = block.sharedBytes.data() + (SHARED_ALIGNMENT - start % SHARED_ALIGNMENT) % SHARED_ALIGNMENT;
  block.failure = {};
}
}  // namespace

Failure execute(const Kernel& kernel, const Geometry& geometry, const void* argument, const Schedule& schedule,
                Statistics& statistics) {
  const std::uint64_t blocks = (std::uint64_t)geometry.gridX * geometry.gridY * geometry.gridZ;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> failed{false};
  const unsigned workers = (unsigned)std::min<std::uint64_t>(schedule.workers, blocks);
  std::vector<Block> running(workers);
  std::vector<Statistics> counted(workers);
  auto work = [&](unsigned worker) {
    Block& block = running[worker];
    setUp(block, kernel, geometry, argument);
    block.statistics = &counted[worker];
    block.shuffled = schedule.seed != 0;
    for (std::uint64_t i; !failed && (i = next++) < blocks;) {
      block.index[0] = (unsigned)(i % geometry.gridX);
      block.index[1] = (unsigned)(i / geometry.gridX % geometry.gridY);
      block.index[2] = (unsigned)(i / geometry.gridX / geometry.gridY);
      block.random.seed((unsigned)(schedule.seed + i));
      run(block);
      failed = failed || block.failure.fault != Fault::NONE;
    }
  };
  std::vector<std::thread> helpers;
  for (unsigned worker = 1; worker < workers; worker++) {
    helpers.emplace_back(work, worker);
  }
  work(0);
  for (std::thread& helper : helpers) {
    helper.join();
  }
  statistics.launches++;
  statistics.blocks += blocks;
  Failure first;
  for (unsigned worker = 0; worker < workers; worker++) {
    statistics.matrixLoads += counted[worker].matrixLoads;
    statistics.wavefronts += counted[worker].wavefronts;
    if (first.fault == Fault::NONE) {
      first = running[worker].failure;
    }
  }
  return first;
}

int thread() { return currentThread(); }
unsigned block(int axis) { return executing->index[axis]; }
unsigned blocks() { return executing->geometry->gridX; }

void barrier() {
  Block& block = *executing;
  block.state[block.current] = AT_BARRIER;
  if (++block.atBarrier == (int)block.state.size()) {
    block.atBarrier = 0;
    std::fill(block.state.begin(), block.state.end(), RUNNABLE);
    if (!block.shuffled) {
      return;
    }
  }
  yield();
}

void meet(int operation, void* argument, void (*all)(void** arguments)) {
  Block& block = *executing;
  const int self = currentThread();
  Warp& warp = block.warps[self / 32];
  if (warp.arrived > 0 && warp.operation != operation) {
    fail(Fault::LAUNCH_FAILED, "the lanes of a warp meet in different collectives");
  }
  warp.operation = operation;
  warp.arguments[self % 32] = argument;
  if (++warp.arrived < 32) {
    block.state[block.current] = AT_COLLECTIVE;
    yield();
    return;
  }
  all(warp.arguments);
  warp.arrived = 0;
  for (int lane = 0; lane < 32; lane++) {
    block.state[block.position[self / 32 * 32 + lane]] = RUNNABLE;
  }
}

char* shared(std::uint32_t address, std::size_t bytes, std::size_t alignment) {
  Block& block = *executing;
  if (address % alignment != 0) {
    fail(Fault::MISALIGNED_ADDRESS, "shared address " + std::to_string(address) + " (expected: a multiple of " +
                                        std::to_string(alignment) + ")");
  }
  if ((std::size_t)address + bytes > block.geometry->sharedBytes) {
    fail(Fault::ILLEGAL_ADDRESS, "shared bytes [" + std::to_string(address) + ", " + std::to_string(address + bytes) +
                                     ") (expected: within " + std::to_string(block.geometry->sharedBytes) + ")");
  }
  return block.sharedMemory + address;
}

void checkGlobal(const void* address, std::size_t bytes, std::size_t alignment) {
  if (reinterpret_cast<std::uintptr_t>(address) % alignment != 0) {
    fail(Fault::MISALIGNED_ADDRESS, "global access of " + std::to_string(bytes) + " bytes (expected: an address that is a "
                                    "multiple of " + std::to_string(alignment) + ")");
  }
  if (!Allocations::instance().holds(address, bytes)) {
    fail(Fault::ILLEGAL_ADDRESS, "global access of " + std::to_string(bytes) + " bytes outside of every allocation");
  }
}

void copyAsync(std::uint32_t to, const void* from, int bytes) {
  char* target = shared(to, 16, 16);
  checkGlobal(from, bytes == 0 ? 1 : (std::size_t)bytes, 16);
  std::memset(target, 0xff, 16);
  executing->fibers[currentThread()].open.push_back({target, from, bytes});
}

void commitCopies() {
  Fiber& fiber = executing->fibers[currentThread()];
  fiber.groups.push_back(std::move(fiber.open));
  fiber.open.clear();
}

void waitCopies(int groups) {
  Fiber& fiber = executing->fibers[currentThread()];
  while ((int)fiber.groups.size() > groups) {
    land(fiber.groups.front());
    fiber.groups.erase(fiber.groups.begin());
  }
}

void countMatrixLoad(void** arguments) {
  for (int matrix = 0; matrix < 4; matrix++) {
    int rowsInBanks[8] = {};
    int most = 0;
    for (int r = 0; r < 8; r++) {
      const u32 row = static_cast<MatrixLoad*>(arguments[matrix * 8 + r])->row;
      most = std::max(most, ++rowsInBanks[row / 16 % 8]);
    }
    executing->statistics->matrixLoads++;
    executing->statistics->wavefronts += most;
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
  for (int row = 0; row < rows * 16; row++) {
    for (int j = 0; j < pairs; j++) {
      alignas(64) float sum[16] = {};
      for (int k = 0; k < 16; k++) {
        for (int column = 0; column < 16; column++) {
          sum[column] += a[row][k] * b[k][j * 16 + column];
        }
      }
      for (int column = 0; column < 16; column++) {
        const int lane = row % 8 * 4 + column % 8 / 2;
        const int fragment = row / 16 * 2 * pairs + j * 2 + column / 8;
        static_cast<Multiplication*>(arguments[lane])->sum[fragment * 4 + row % 16 / 8 * 2 + column % 2] += sum[column];
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
