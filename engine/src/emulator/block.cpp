#include "block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

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
__thread Window window __attribute__((tls_model("initial-exec")));

namespace {
constexpr std::size_t STACK_BYTES = 64 << 10, SHARED_ALIGNMENT = 1024;
// Tops of stacks differ in their lower bits, or all would fall into one set of the cache.
constexpr int COLOURS = 61;
__thread Block* executing __attribute__((tls_model("initial-exec")));

void begin() { executing->live(); }
}  // namespace

Block& running() { return *executing; }

void PendingCopies::clear() {
  copies.clear();
  ends.clear();
  landed = 0;
}

void PendingCopies::wait(int groups) {
  if ((int)ends.size() <= groups) {
    return;
  }
  const std::size_t over = ends.size() - groups;
  for (; landed < ends[over - 1]; landed++) {
    const PendingCopy& copy = copies[landed];
    std::memcpy(copy.to, copy.from, copy.bytes);
    std::memset(copy.to + copy.bytes, 0, 16 - copy.bytes);
  }
  copies.erase(copies.begin(), copies.begin() + (std::ptrdiff_t)landed);
  ends.erase(ends.begin(), ends.begin() + (std::ptrdiff_t)over);
  for (std::size_t& end : ends) {
    end -= landed;
  }
  landed = 0;
}

Stacks::~Stacks() {
  if (memory != nullptr) {
    munmap(memory, STACK_BYTES * provided);
  }
}

void Stacks::provide(int count) {
  if (count > provided) {
    if (memory != nullptr) {
      munmap(memory, STACK_BYTES * provided);
    }
    void* mapped = mmap(nullptr, STACK_BYTES * count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
      throw std::bad_alloc();
    }
    memory = static_cast<char*>(mapped);
    provided = count;
  }
#ifdef __SANITIZE_ADDRESS__
  __asan_unpoison_memory_region(memory, STACK_BYTES * provided);  // of fibers that were abandoned
#endif
  free.clear();
  for (int i = provided - 1; i >= 0; i--) {
    free.push_back(memory + STACK_BYTES * (i + 1) - i % COLOURS * 64);
  }
}

char* Stacks::take() {
  char* top = free.back();
  free.pop_back();
  return top;
}

void Block::setUp(const Kernel& launched, const Geometry& launchedGeometry, const void* launchedArgument, bool shuffle) {
  kernel = &launched;
  geometry = &launchedGeometry;
  argument = launchedArgument;
  statistics = {};
  failure = {};
  threads = (int)launchedGeometry.threads;
  shuffled = shuffle;
  fibers.resize(threads);
  stacks.provide(threads);
  warps.resize((threads + 31) / 32);
  runnable.assign((threads + 63) / 64, 0);
  order.resize(threads);
  position.resize(threads);
  for (int i = 0; i < threads; i++) {
    order[i] = position[i] = i;
  }
  sharedBytes.resize(std::max(sharedBytes.size(), launchedGeometry.sharedBytes + SHARED_ALIGNMENT));
  const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(sharedBytes.data());
  window = {};
  window.shared = sharedBytes.data() + (SHARED_ALIGNMENT - start % SHARED_ALIGNMENT) % SHARED_ALIGNMENT;
  window.sharedBytes = launchedGeometry.sharedBytes;
}

void Block::prepare() {
  atBarrier = 0;
  done = 0;
  std::memset(window.shared, 0xff, window.sharedBytes);
  resumeAll();
  for (Warp& warp : warps) {
    warp.arrived = 0;
  }
  for (Fiber& fiber : fibers) {
    fiber.at = nullptr;
    fiber.copies.clear();
  }
}

void Block::resumeAll() {
  for (int i = 0; i < threads; i += 64) {
    runnable[i / 64] = threads - i >= 64 ? ~0ull : (1ull << (threads - i)) - 1;
  }
}

void Block::resumeWarp(int warp) {
  if (!shuffled) {
    runnable[warp / 2] |= 0xffffffffull << warp % 2 * 32;
    return;
  }
  for (int lane = 0; lane < 32; lane++) {
    resume(position[warp * 32 + lane]);
  }
}

// The first runnable position in [from, to), or -1.
int Block::nextIn(int from, int to) const {
  for (int word = from / 64; word * 64 < to; word++) {
    std::uint64_t bits = runnable[word];
    if (word == from / 64) {
      bits &= ~0ull << from % 64;
    }
    if (bits != 0) {
      const int found = word * 64 + __builtin_ctzll(bits);
      return found < to ? found : -1;
    }
  }
  return -1;
}

// Who comes next: in order first the same warp, then any other; in shuffled order only who has not had a turn.
int Block::next() const {
  if (shuffled) {
    return nextIn(current + 1, threads);
  }
  const std::uint32_t lanes = (std::uint32_t)(runnable[current / 64] >> (current & 32));
  if (lanes != 0) {
    return (current & ~31) + __builtin_ctz(lanes);
  }
  const int later = nextIn((current & ~31) + 32, threads);
  return later >= 0 ? later : nextIn(0, current);
}

// Makes a stack from which a switch arrives in begin().
void Block::enter() {
  Fiber& fiber = fibers[thread()];
  fiber.stack = stacks.take();
  void** top = reinterpret_cast<void**>(fiber.stack);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(begin);
  for (int saved = 0; saved < 6; saved++) {
    *--top = nullptr;
  }
  fiber.at = top;
}

// Gives the turn to the next thread that can run, or back to the scheduler if there is none.
void Block::yield() {
  const int place = next();
  void** here = &fibers[thread()].at;
  if (place < 0) {
    emulator_switch(here, scheduler);
  } else if (place != current) {
    current = place;
    if (fibers[thread()].at == nullptr) {
      enter();
    }
    emulator_switch(here, fibers[thread()].at);
  }
}

// What a stack does: it runs one thread, and where that never had to wait for long, the next that has not begun, and so on.
void Block::live() {
  for (;;) {
    kernel->run(kernel->function, argument);
    finish();
    const int place = next();
    char* stack = fibers[thread()].stack;
    void* abandoned;
    if (place < 0) {
      stacks.give(stack);
      emulator_switch(&abandoned, scheduler);
    }
    current = place;
    Fiber& following = fibers[thread()];
    if (following.at != nullptr) {
      stacks.give(stack);
      emulator_switch(&abandoned, following.at);
    }
    following.stack = stack;
    following.at = stack;
  }
}

void Block::finish() {
  const Fiber& fiber = fibers[thread()];
  if (fiber.copies.grouped()) {
    fail(Fault::LAUNCH_FAILED, "ends with asynchronous copies under way (expected: a wait for all of them)");
  }
  if (fiber.copies.open()) {
    fail(Fault::LAUNCH_FAILED, "ends with asynchronous copies that no group holds (expected: a commit and a wait)");
  }
  suspend();
  done++;
}

// Ends the execution of the whole launch; the fibers are abandoned where they stand.
void Block::fail(Fault fault, const std::string& what) {
  failure = {fault, std::string(kernel->name) + ", block (" + std::to_string(index[0]) + ", " + std::to_string(index[1]) +
                        ", " + std::to_string(index[2]) + "), thread " + std::to_string(thread()) + ": " + what};
  void* abandoned;
  emulator_switch(&abandoned, scheduler);
  __builtin_unreachable();
}

void Block::shuffle() {
  std::vector<bool> runs(threads);
  for (int i = 0; i < threads; i++) {
    runs[order[i]] = (runnable[i / 64] >> i % 64 & 1) != 0;
  }
  std::shuffle(order.begin(), order.end(), random);
  std::fill(runnable.begin(), runnable.end(), 0);
  for (int i = 0; i < threads; i++) {
    position[order[i]] = i;
    if (runs[order[i]]) {
      resume(i);
    }
  }
}

void Block::turn(int place) {
  current = place;
  if (fibers[thread()].at == nullptr) {
    enter();
  }
  emulator_switch(&scheduler, fibers[thread()].at);
}

void Block::run() {
  prepare();
  executing = this;
  while (done < threads && failure.fault == Fault::NONE) {
    if (shuffled) {
      shuffle();
    }
    const int place = nextIn(0, threads);
    if (place < 0) {
      failure = {Fault::TIMEOUT, std::string(kernel->name) + ": deadlock, " + std::to_string(atBarrier) + " of " +
                                     std::to_string(threads) + " threads at a barrier, " + std::to_string(done) +
                                     " at their end (expected: all of them)"};
    } else {
      turn(place);
    }
  }
  executing = nullptr;
}
}  // namespace emulator
