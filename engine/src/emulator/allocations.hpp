// The memory of the device: which addresses are live.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <shared_mutex>

namespace emulator {

class Allocations {
 public:
  // Addresses [start, end); empty if both are 0.
  struct Range {
    std::uintptr_t start, end;
  };

  static Allocations& instance();

  void add(void* start, std::size_t bytes);
  // False if nothing starts there.
  bool remove(void* start);
  // The live allocation that holds [address, address + bytes), or an empty range.
  Range around(const void* address, std::size_t bytes) const;
  bool holds(const void* address, std::size_t bytes) const { return around(address, bytes).end != 0; }

 private:
  mutable std::shared_mutex mutex;
  std::map<std::uintptr_t, std::size_t> live;
};

}  // namespace emulator
