#include "allocations.hpp"

#include <mutex>

namespace emulator {
namespace {
// The allocation that the last check of this thread fell into: nearly always that of the next.
struct Recent {
  std::uint64_t version;
  std::uintptr_t start, end;
};
constexpr int RECENT = 4;
thread_local Recent recent[RECENT] __attribute__((tls_model("initial-exec")));
thread_local int oldest __attribute__((tls_model("initial-exec")));
}  // namespace

Allocations& Allocations::instance() {
  static Allocations allocations;
  return allocations;
}

void Allocations::add(void* start, std::size_t bytes) {
  std::unique_lock lock(mutex);
  live[reinterpret_cast<std::uintptr_t>(start)] = bytes;
  used += bytes;
  version++;
}

bool Allocations::remove(void* start) {
  std::unique_lock lock(mutex);
  const auto found = live.find(reinterpret_cast<std::uintptr_t>(start));
  if (found == live.end()) {
    return false;
  }
  used -= found->second;
  live.erase(found);
  version++;
  return true;
}

bool Allocations::holds(const void* address, std::size_t bytes) const {
  const std::uintptr_t from = reinterpret_cast<std::uintptr_t>(address);
  for (const Recent& range : recent) {
    if (range.version == version && from >= range.start && from + bytes <= range.end) {
      return true;
    }
  }
  std::shared_lock lock(mutex);
  auto found = live.upper_bound(from);
  if (found == live.begin()) {
    return false;
  }
  --found;
  const bool inside = from + bytes <= found->first + found->second;
  if (inside) {
    recent[oldest] = {version, found->first, found->first + found->second};
    oldest = (oldest + 1) % RECENT;
  }
  return inside;
}

std::size_t Allocations::count() const {
  std::shared_lock lock(mutex);
  return live.size();
}

std::size_t Allocations::bytes() const {
  std::shared_lock lock(mutex);
  return used;
}

}  // namespace emulator
