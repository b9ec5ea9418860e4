// How tests steer the fake driver and look into it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "driver.hpp"

namespace driver {
namespace {
constexpr int FAULTS = 6;
constexpr long DEFAULT_MEMORY = 4l << 30;

long environment(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == 0 ? otherwise : std::strtol(text, nullptr, 10);
}

struct Control {
  long countdown[FAULTS] = {};  // 0: not armed
  long occasions[FAULTS] = {};
  bool lost = false;
  long memory;
  unsigned seed;
  std::string lastFailure;
  std::map<std::string, emulator::Statistics> statistics;

  Control() {
    settle();
    int kind = 0;
    long after = 0;
    const char* fault = std::getenv("FLUXGATE_FAKE_CUDA_FAULT");
    if (fault != nullptr && std::sscanf(fault, "%d:%ld", &kind, &after) == 2 && kind > 0 && kind < FAULTS) {
      countdown[kind] = after;
    }
  }
  void settle() {
    std::memset(countdown, 0, sizeof countdown);
    std::memset(occasions, 0, sizeof occasions);
    lost = false;
    memory = environment("FLUXGATE_FAKE_CUDA_MEMORY", DEFAULT_MEMORY);
    seed = (unsigned)environment("FLUXGATE_FAKE_CUDA_SEED", 0);
  }
};

Control& control() {
  static auto* instance = new Control();
  return *instance;
}
}  // namespace

bool strikes(Fault fault) {
  control().occasions[(int)fault]++;
  long& countdown = control().countdown[(int)fault];
  const bool now = countdown > 0 && --countdown == 0;
  if (fault == Fault::LOST) {
    control().lost |= now;
    return control().lost;
  }
  return now;
}

std::size_t memoryLimit() { return (std::size_t)control().memory; }

emulator::Schedule schedule() {
  static const long workers =
      environment("FLUXGATE_EMULATOR_THREADS", (long)std::max(1u, std::thread::hardware_concurrency()));
  return {control().seed, (unsigned)std::max(1l, workers)};
}

emulator::Statistics& statistics(const std::string& kernel) { return control().statistics[kernel]; }

void remember(const std::string& failure) {
  control().lastFailure = failure;
  if (std::getenv("FLUXGATE_FAKE_CUDA_VERBOSE") != nullptr) {
    std::fprintf(stderr, "fake CUDA: %s\n", failure.c_str());
  }
}

}  // namespace driver

using driver::Context;
using Lock = std::lock_guard<std::recursive_mutex>;

CONTROL int fluxgate_fake_inject(int kind, long countdown) {
  const Lock held(driver::lock());
  if (kind <= 0 || kind >= driver::FAULTS || countdown < 1) {
    return driver::INVALID_VALUE;
  }
  driver::control().countdown[kind] = countdown;
  return driver::SUCCESS;
}

CONTROL void fluxgate_fake_reset() {
  const Lock held(driver::lock());
  if (driver::control().lost) {  // a device that comes back knows nothing of before
    driver::clear(driver::primary());
    driver::primary().references = 0;
    driver::primary().alive = false;
  }
  driver::control().settle();
}

// How often such a fault could have struck since the reset; -1 if there is none of that kind.
CONTROL long fluxgate_fake_occasions(int kind) {
  const Lock held(driver::lock());
  return kind <= 0 || kind >= driver::FAULTS ? -1 : driver::control().occasions[kind];
}

// Bytes of device memory that may be allocated at a time.
CONTROL void fluxgate_fake_memory(long bytes) {
  const Lock held(driver::lock());
  driver::control().memory = bytes;
}

CONTROL void fluxgate_fake_seed(unsigned seed) {
  const Lock held(driver::lock());
  driver::control().seed = seed;
}

CONTROL long fluxgate_fake_live_allocations() {
  const Lock held(driver::lock());
  return (long)driver::primary().blocks.size();
}

CONTROL long fluxgate_fake_live_bytes() {
  const Lock held(driver::lock());
  return (long)driver::primary().used;
}

CONTROL long fluxgate_fake_live_objects() {
  const Lock held(driver::lock());
  const Context& context = driver::primary();
  return (long)(context.streams.size() + context.events.size() + context.modules.size() + context.pinned.size());
}

CONTROL int fluxgate_fake_statistics(const char* kernel, long out[4]) {
  const Lock held(driver::lock());
  if (emulator::find(kernel) == nullptr) {
    return driver::NOT_FOUND;
  }
  const emulator::Statistics& counted = driver::statistics(kernel);
  out[0] = (long)counted.launches;
  out[1] = (long)counted.blocks;
  out[2] = (long)counted.matrixLoads;
  out[3] = (long)counted.wavefronts;
  return driver::SUCCESS;
}

// Valid until the next failure; empty if there was none.
CONTROL const char* fluxgate_fake_last_failure() {
  const Lock held(driver::lock());
  return driver::control().lastFailure.c_str();
}
