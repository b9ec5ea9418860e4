// Functions and their launches.
#include <cstring>
#include <vector>

#include "driver.hpp"

namespace driver {
namespace {
constexpr unsigned MOST_THREADS = 1024, MOST_BLOCKS_Y_Z = 65535, REGISTERS = 65536, RESERVED_SHARED_BYTES = 1024;
constexpr std::uintptr_t EXTRA_END = 0, EXTRA_ARGUMENTS = 1, EXTRA_BYTES = 2;

// What cuLaunchKernelEx takes in place of numbers.
struct Launch {
  unsigned grid[3], block[3], sharedBytes;
  Stream* stream;
  void* attributes;
  unsigned attributeCount;
};

Function& function(Context& context, Function* handle) {
  for (auto& [key, module] : context.modules) {
    for (auto& [name, each] : module->functions) {
      if (each.get() == handle) {
        return *each;
      }
    }
  }
  throw Failed{INVALID_HANDLE};
}

Result resultOf(emulator::Fault fault) {
  switch (fault) {
    case emulator::Fault::NONE:
      return SUCCESS;
    case emulator::Fault::ILLEGAL_ADDRESS:
      return ILLEGAL_ADDRESS;
    case emulator::Fault::MISALIGNED_ADDRESS:
      return MISALIGNED_ADDRESS;
    case emulator::Fault::LAUNCH_FAILED:
      return LAUNCH_FAILED;
    case emulator::Fault::TIMEOUT:
      return LAUNCH_TIMEOUT;
  }
  return UNKNOWN;
}

// The bytes of the one argument, from an array of pointers to arguments or from a buffer named in pairs of key and value.
std::vector<char> argumentOf(const emulator::Kernel& kernel, void** arguments, void** extra) {
  const char* bytes = nullptr;
  if (arguments != nullptr) {
    bytes = static_cast<const char*>(arguments[0]);
  } else {
    for (; extra != nullptr && extra[0] != reinterpret_cast<void*>(EXTRA_END); extra += 2) {
      if (extra[0] == reinterpret_cast<void*>(EXTRA_ARGUMENTS)) {
        bytes = static_cast<const char*>(extra[1]);
      } else if (extra[0] == reinterpret_cast<void*>(EXTRA_BYTES)) {
        require(*static_cast<std::size_t*>(extra[1]) == kernel.argumentBytes, INVALID_VALUE);
      }
    }
  }
  require(bytes != nullptr, INVALID_VALUE);
  return {bytes, bytes + kernel.argumentBytes};
}

void refuse(const emulator::Kernel& kernel, const std::string& why, Result result) {
  remember(std::string(kernel.name) + ": " + why);
  throw Failed{result};
}

void check(const Function& function, const Launch& launch) {
  const emulator::Kernel& kernel = *function.kernel;
  const unsigned threads = launch.block[0];
  for (int axis = 0; axis < 3; axis++) {
    if (launch.grid[axis] == 0 || launch.block[axis] == 0) {
      refuse(kernel, "a launch of nothing", INVALID_VALUE);
    }
  }
  if (launch.grid[0] > 0x7fffffff || launch.grid[1] > MOST_BLOCKS_Y_Z || launch.grid[2] > MOST_BLOCKS_Y_Z) {
    refuse(kernel, "grid y " + std::to_string(launch.grid[1]) + ", z " + std::to_string(launch.grid[2]) +
                       " (expected: at most 65535)", INVALID_VALUE);
  }
  if (launch.block[1] != 1 || launch.block[2] != 1 || threads > MOST_THREADS) {
    refuse(kernel, "block of " + std::to_string(threads) + " x " + std::to_string(launch.block[1]) + " x " +
                       std::to_string(launch.block[2]) + " threads (expected: one-dimensional, at most 1024)", INVALID_VALUE);
  }
  if (threads > kernel.threads) {
    refuse(kernel, std::to_string(threads) + " threads (expected: at most " + std::to_string(kernel.threads) +
                       ", its launch bound)", LAUNCH_OUT_OF_RESOURCES);
  }
  if (launch.sharedBytes > function.dynamicSharedBytes) {
    refuse(kernel, std::to_string(launch.sharedBytes) + " dynamic shared bytes (expected: at most " +
                       std::to_string(function.dynamicSharedBytes) + ", as its attribute says)", INVALID_VALUE);
  }
}

void launchKernel(Context& context, Function* handle, const Launch& launch, void** arguments, void** extra) {
  Function& launched = function(context, handle);
  Stream& target = stream(context, launch.stream);
  check(launched, launch);
  const emulator::Kernel& kernel = *launched.kernel;
  std::vector<char> argument = argumentOf(kernel, arguments, extra);
  require(!strikes(driver::Fault::LAUNCH), LAUNCH_OUT_OF_RESOURCES);
  const bool fails = strikes(driver::Fault::KERNEL);
  const emulator::Geometry geometry{launch.grid[0], launch.grid[1], launch.grid[2], launch.block[0], launch.sharedBytes};
  enqueue(context, target, [&context, &kernel, geometry, fails, argument = std::move(argument)] {
    emulator::Failure failure{emulator::Fault::ILLEGAL_ADDRESS, std::string(kernel.name) + ": a fault on demand"};
    if (!fails) {
      failure = emulator::execute(kernel, geometry, argument.data(), schedule(), statistics(kernel.name));
    }
    if (failure.fault != emulator::Fault::NONE) {
      remember(failure.what);
      die(context, resultOf(failure.fault));
    }
  });
}

int attributeOf(const Function& function, int attribute) {
  const emulator::Kernel& kernel = *function.kernel;
  switch (attribute) {
    case 0:  // threads a block
      return (int)kernel.threads;
    case 1:  // static shared bytes
    case 2:  // constant bytes
    case 3:  // local bytes
      return 0;
    case 4:  // registers a thread
      return (int)std::min(255u, REGISTERS / (kernel.threads * kernel.blocks));
    case 5:  // version of the PTX
    case 6:  // of the binary
      return limits().capability;
    case 8:  // dynamic shared bytes
      return (int)function.dynamicSharedBytes;
    default:
      throw Failed{INVALID_VALUE};
  }
}
}  // namespace
}  // namespace driver

using namespace driver;

DRIVER cuFuncGetAttribute(int* value, int attribute, Function* handle) {
  return inContext([&](Context& context) { *value = attributeOf(function(context, handle), attribute); });
}

DRIVER cuFuncSetAttribute(Function* handle, int attribute, int value) {
  return inContext([&](Context& context) {
    Function& changed = function(context, handle);
    if (attribute == 8) {
      require(value >= 0 && (unsigned)value <= limits().optInSharedBytes, INVALID_VALUE);
      changed.dynamicSharedBytes = (unsigned)value;
    } else {
      require(attribute == 9, INVALID_VALUE);  // the preferred share of the L1 cache, a hint
    }
  });
}

DRIVER cuFuncSetCacheConfig(Function* handle, int) {
  return inContext([&](Context& context) { function(context, handle); });
}

DRIVER cuFuncGetModule(Module** out, Function* handle) {
  return inContext([&](Context& context) { *out = function(context, handle).module; });
}

DRIVER cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function* handle, int threads, std::size_t sharedBytes) {
  return inContext([&](Context& context) {
    const emulator::Kernel& kernel = *function(context, handle).kernel;
    require(threads > 0 && blocks != nullptr, INVALID_VALUE);
    const std::size_t byShared = limits().sharedBytesPerProcessor / (sharedBytes + RESERVED_SHARED_BYTES);
    const int most = std::min({limits().blocksPerProcessor, limits().threadsPerProcessor / threads, (int)byShared});
    *blocks = (unsigned)threads > kernel.threads ? 0 : most;
  });
}

DRIVER cuLaunchKernel(Function* handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                      unsigned blockZ, unsigned sharedBytes, Stream* stream, void** arguments, void** extra) {
  return inContext([&](Context& context) {
    const Launch launch{{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes, stream, nullptr, 0};
    launchKernel(context, handle, launch, arguments, extra);
  });
}

// Attributes of the launch are not looked at.
DRIVER cuLaunchKernelEx(const Launch* launch, Function* handle, void** arguments, void** extra) {
  return inContext([&](Context& context) { launchKernel(context, handle, *launch, arguments, extra); });
}
