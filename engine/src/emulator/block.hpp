// One block under execution. Its threads are fibers: each runs until it has to wait for others, and then gives its turn away.
#pragma once
#include <random>
#include <vector>

#include "execution.hpp"

namespace emulator {

struct PendingCopy {
  char* to;
  const void* from;
  int bytes;
};

// The asynchronous copies of one thread: groups, oldest first, and then those that no group holds yet.
class PendingCopies {
 public:
  void clear();
  void add(const PendingCopy& copy) { copies.push_back(copy); }
  void commit() { ends.push_back(copies.size()); }
  // Lets all groups but the youngest few land.
  void wait(int groups);
  bool grouped() const { return !ends.empty() && ends.back() > landed; }
  bool open() const { return copies.size() > (ends.empty() ? landed : ends.back()); }

 private:
  std::vector<PendingCopy> copies;
  std::vector<std::size_t> ends;  // of the groups, in copies
  std::size_t landed = 0;         // copies
};

struct Fiber {
  void* at;     // the stack pointer where it waits, null before it has begun
  char* stack;  // its top; of a fiber that has begun
  PendingCopies copies;
};

struct Warp {
  int arrived;
  int operation;
  void* arguments[32];
};

// Stacks of equal size, the one that was given back last first: it lies in the cache.
class Stacks {
 public:
  ~Stacks();
  void provide(int count);  // all of them free
  char* take();
  void give(char* top) { free.push_back(top); }

 private:
  char* memory = nullptr;
  int provided = 0;
  std::vector<char*> free;
};

struct Block {
  const Kernel* kernel;
  const void* argument;
  const Geometry* geometry;
  Statistics statistics;
  Failure failure;
  unsigned index[3];
  int threads;
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  Stacks stacks;
  std::vector<char> sharedBytes;

  // Threads get their turns in some order; positions are places in it.
  std::vector<int> order, position;
  std::vector<std::uint64_t> runnable;  // one bit a position
  int current;                          // position
  int atBarrier, done;
  void* scheduler;  // its stack pointer
  bool shuffled;
  std::mt19937 random;

  // Makes ready for the blocks of a launch.
  void setUp(const Kernel& launched, const Geometry& launchedGeometry, const void* launchedArgument, bool shuffle);
  // Runs all threads to their end, or to the failure of one.
  void run();

  int thread() const { return order[current]; }
  void suspend() { runnable[current / 64] &= ~(1ull << current % 64); }
  void resume(int place) { runnable[place / 64] |= 1ull << place % 64; }
  void resumeWarp(int warp);
  void resumeAll();
  void yield();
  [[noreturn]] void fail(Fault fault, const std::string& what);
  [[noreturn]] void live();

 private:
  int next() const;
  int nextIn(int from, int to) const;
  void turn(int place);
  void enter();
  void finish();
  void prepare();
  void shuffle();
};

// The block under execution on this thread of the system.
Block& running();

}  // namespace emulator
