// Device memory is host memory at addresses that Allocations knows, filled with 0xff bytes, that is NaN, before its first use.
#include <cstdlib>
#include <cstring>

#include "allocations.hpp"
#include "driver.hpp"

namespace driver {
namespace {
constexpr std::size_t DEVICE_ALIGNMENT = 256, HOST_ALIGNMENT = 4096;

std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }
void* address(std::uintptr_t number) { return reinterpret_cast<void*>(number); }

void* obtain(std::size_t bytes, std::size_t alignment) {
  void* block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  require(block != nullptr, OUT_OF_MEMORY);
  std::memset(block, 0xff, bytes);
  emulator::Allocations::instance().add(block, bytes);
  return block;
}

void forget(std::uintptr_t block, bool ours) {
  emulator::Allocations::instance().remove(address(block));
  if (ours) {
    std::free(address(block));
  }
}

void allocateHost(Context& context, void** out, std::size_t bytes) {
  require(out != nullptr && bytes > 0, INVALID_VALUE);
  *out = obtain(bytes, HOST_ALIGNMENT);
  context.pinned[number(*out)] = {bytes, true};
}

void release(Context& context, void* host, bool ours) {
  const auto found = context.pinned.find(number(host));
  require(found != context.pinned.end() && found->second.second == ours, INVALID_VALUE);
  drainAll(context);
  forget(found->first, ours);
  context.pinned.erase(found);
}
}  // namespace

bool isPinned(const Context& context, const void* host, std::size_t bytes) {
  auto found = context.pinned.upper_bound(number(host));
  if (found == context.pinned.begin()) {
    return false;
  }
  --found;
  return number(host) + bytes <= found->first + found->second.first;
}

void requireDevice(const void* device, std::size_t bytes) {
  require(emulator::Allocations::instance().holds(device, bytes), INVALID_VALUE);
}

void freeMemory(Context& context) {
  for (const auto& [block, bytes] : context.blocks) {
    forget(block, true);
  }
  for (const auto& [block, kind] : context.pinned) {
    forget(block, kind.second);
  }
  context.blocks.clear();
  context.pinned.clear();
  context.used = 0;
}

}  // namespace driver

using namespace driver;

DRIVER cuMemAlloc_v2(void** out, std::size_t bytes) {
  return inContext([&](Context& context) {
    require(out != nullptr && bytes > 0, INVALID_VALUE);
    const std::size_t limit = memoryLimit();
    require(!strikes(driver::Fault::MEMORY) && context.used <= limit && bytes <= limit - context.used, OUT_OF_MEMORY);
    *out = obtain(bytes, DEVICE_ALIGNMENT);
    context.blocks[number(*out)] = bytes;
    context.used += bytes;
  });
}

// Waits for all that may use it.
DRIVER cuMemFree_v2(void* block) {
  return inContext([&](Context& context) {
    if (block == nullptr) {
      return;
    }
    const auto found = context.blocks.find(number(block));
    require(found != context.blocks.end(), INVALID_VALUE);
    drainAll(context);
    context.used -= found->second;
    context.blocks.erase(found);
    forget(number(block), true);
  });
}

DRIVER cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return inContext([&](Context& context) {
    *total = memoryLimit();
    *free = context.used < *total ? *total - context.used : 0;
  });
}

DRIVER cuMemGetAddressRange_v2(void** start, std::size_t* bytes, void* within) {
  return inContext([&](Context& context) {
    auto found = context.blocks.upper_bound(number(within));
    require(found != context.blocks.begin(), NOT_FOUND);
    --found;
    require(number(within) < found->first + found->second, NOT_FOUND);
    if (start != nullptr) {
      *start = address(found->first);
    }
    if (bytes != nullptr) {
      *bytes = found->second;
    }
  });
}

DRIVER cuMemHostAlloc(void** out, std::size_t bytes, unsigned) {
  return inContext([&](Context& context) { allocateHost(context, out, bytes); });
}

DRIVER cuMemAllocHost_v2(void** out, std::size_t bytes) {
  return inContext([&](Context& context) { allocateHost(context, out, bytes); });
}

DRIVER cuMemFreeHost(void* host) {
  return inContext([&](Context& context) { release(context, host, true); });
}

DRIVER cuMemHostRegister_v2(void* host, std::size_t bytes, unsigned) {
  return inContext([&](Context& context) {
    require(host != nullptr && bytes > 0, INVALID_VALUE);
    emulator::Allocations::instance().add(host, bytes);
    context.pinned[number(host)] = {bytes, false};
  });
}

DRIVER cuMemHostUnregister(void* host) {
  return inContext([&](Context& context) { release(context, host, false); });
}

DRIVER cuMemHostGetDevicePointer_v2(void** device, void* host, unsigned) {
  return inContext([&](Context& context) {
    require(isPinned(context, host, 1), INVALID_VALUE);
    *device = host;
  });
}
