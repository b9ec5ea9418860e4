// The memory of the device: which addresses are live.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <shared_mutex>

namespace emulator {

class Allocations {
 public:
  static Allocations& instance();

  void add(void* start, std::size_t bytes);
  // False if nothing starts there.
  bool remove(void* start);
  // Whether [address, address + bytes) lies in one live allocation.
  bool holds(const void* address, std::size_t bytes) const;
  std::size_t count() const;
  std::size_t bytes() const;

 private:
  mutable std::shared_mutex mutex;
  std::map<std::uintptr_t, std::size_t> live;
  std::size_t used = 0;
  std::uint64_t version = 1;
};

}  // namespace emulator
