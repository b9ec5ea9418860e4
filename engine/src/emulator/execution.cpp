#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "block.hpp"

namespace emulator {
namespace {
// One launch, worked at by several threads of the system.
struct Launch {
  const Kernel& kernel;
  const Geometry& geometry;
  const void* argument;
  unsigned seed;
  std::uint64_t blocks;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Statistics counted;
  Failure failure;

  void work();
};

void Launch::work() {
  // Its stacks are kept from launch to launch. A pointer: a library that is loaded late has little room for the threads' own.
  static thread_local const auto kept = std::make_unique<Block>();
  Block& block = *kept;
  block.setUp(kernel, geometry, argument, seed != 0);
  for (std::uint64_t i; !failed && (i = next++) < blocks;) {
    block.index[0] = (unsigned)(i % geometry.gridX);
    block.index[1] = (unsigned)(i / geometry.gridX % geometry.gridY);
    block.index[2] = (unsigned)(i / geometry.gridX / geometry.gridY);
    if (seed != 0) {
      block.random.seed((unsigned)(seed + i));
    }
    block.run();
    failed = failed || block.failure.fault != Fault::NONE;
  }
  const std::lock_guard<std::mutex> held(mutex);
  counted.matrixLoads += block.statistics.matrixLoads;
  counted.wavefronts += block.statistics.wavefronts;
  if (failure.fault == Fault::NONE) {
    failure = block.failure;
  }
}

// Threads that wait for launches. They live as long as the process.
class Helpers {
 public:
  static Helpers& instance() {
    static auto* helpers = new Helpers();
    return *helpers;
  }

  // Works at the launch with up to `count` of them; returns when all is done.
  void work(Launch& launch, unsigned count) {
    const std::lock_guard<std::mutex> one(launches);
    {
      const std::lock_guard<std::mutex> held(mutex);
      for (; threads < count; threads++) {
        std::thread([this] { serve(); }).detach();
      }
      current = &launch;
      wanted = count;
    }
    called.notify_all();
    launch.work();
    std::unique_lock<std::mutex> held(mutex);
    current = nullptr;
    idle.wait(held, [this] { return busy == 0; });
  }

 private:
  void serve() {
    std::unique_lock<std::mutex> held(mutex);
    for (;;) {
      called.wait(held, [this] { return current != nullptr && wanted > 0; });
      Launch& launch = *current;
      wanted--;
      busy++;
      held.unlock();
      launch.work();
      held.lock();
      if (--busy == 0) {
        idle.notify_all();
      }
    }
  }

  std::mutex launches, mutex;
  std::condition_variable called, idle;
  Launch* current = nullptr;
  unsigned threads = 0, wanted = 0, busy = 0;
};
}  // namespace

Failure execute(const Kernel& kernel, const Geometry& geometry, const void* argument, const Schedule& schedule,
                Statistics& statistics) {
  const std::uint64_t blocks = (std::uint64_t)geometry.gridX * geometry.gridY * geometry.gridZ;
  Launch launch{kernel, geometry, argument, schedule.seed, blocks};
  const std::uint64_t helpers = std::min<std::uint64_t>(schedule.workers, blocks) - 1;
  if (helpers == 0) {
    launch.work();
  } else {
    Helpers::instance().work(launch, (unsigned)helpers);
  }
  statistics.launches++;
  statistics.blocks += blocks;
  statistics.matrixLoads += launch.counted.matrixLoads;
  statistics.wavefronts += launch.counted.wavefronts;
  return launch.failure;
}

}  // namespace emulator
