#include "allocations.hpp"

#include <mutex>

namespace emulator {

Allocations& Allocations::instance() {
  static auto* allocations = new Allocations();
  return *allocations;
}

void Allocations::add(void* start, std::size_t bytes) {
  std::unique_lock lock(mutex);
  live[reinterpret_cast<std::uintptr_t>(start)] = bytes;
}

bool Allocations::remove(void* start) {
  std::unique_lock lock(mutex);
  return live.erase(reinterpret_cast<std::uintptr_t>(start)) == 1;
}

Allocations::Range Allocations::around(const void* address, std::size_t bytes) const {
  const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(address);
  std::shared_lock lock(mutex);
  auto found = live.upper_bound(from);
  if (found == live.begin()) {
    return {0, 0};
  }
  --found;
  const std::uintptr_t end = found->first + found->second;
  return from <= end && bytes <= end - from ? Range{found->first, end} : Range{0, 0};
}

}  // namespace emulator
