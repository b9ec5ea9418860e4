// The one device, as FLUXGATE_FAKE_CUDA_CAPABILITY makes it.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "driver.hpp"

namespace driver {
namespace {
constexpr int VERSION = 12060;
constexpr int OLDEST = 80;  // capability that the kernels are made for
constexpr char NAME[] = "Fluxgate emulator";
constexpr char BUS[] = "0000:01:00.0";
constexpr unsigned char UUID[16] = {0xf1, 0x0c, 0x9a, 0x7e, 0xe3, 0x01, 0x4a, 0x70, 0x80, 0, 0, 0, 0, 0, 0, 1};

Limits make() {
  const char* text = std::getenv("FLUXGATE_FAKE_CUDA_CAPABILITY");
  const int asked = text == nullptr || *text == 0 ? 86 : (int)std::lround(10 * std::strtod(text, nullptr));
  const int capability = asked < OLDEST ? OLDEST : asked;
  switch (capability) {
    case 80:
      return {capability, 163 << 10, 164 << 10, 2048, 32};
    case 90:
    case 100:
    case 103:
      return {capability, 227 << 10, 228 << 10, 2048, 32};
    default:
      return {capability, 99 << 10, 100 << 10, 1536, capability == 86 ? 16 : 24};
  }
}

// Numbers as in CUdevice_attribute.
int attributeOf(int attribute) {
  const Limits& limits = driver::limits();
  switch (attribute) {
    case 1:    // threads a block
    case 2:    // of them in x
    case 3:    // in y
      return 1024;
    case 4:    // in z
      return 64;
    case 5:    // blocks in x
      return 0x7fffffff;
    case 6:    // in y
    case 7:    // in z
      return 65535;
    case 8:    // shared bytes a block
      return DEFAULT_SHARED_BYTES;
    case 9:    // constant bytes
    case 12:   // registers a block
    case 82:   // registers a processor
      return 65536;
    case 10:   // threads a warp
      return 32;
    case 13:   // clock, kHz
      return 1500000;
    case 15:   // copies beside kernels
    case 31:   // concurrent kernels
    case 19:   // mapped host memory
    case 41:   // unified addressing
    case 78:   // priorities of streams
    case 83:   // managed memory
      return 1;
    case 16:   // processors
      return PROCESSORS;
    case 33:   // PCI bus
      return 1;
    case 36:   // memory clock, kHz
      return 7000000;
    case 37:   // bits of the memory bus
      return 128;
    case 38:   // bytes of the L2 cache
      return 4 << 20;
    case 39:   // threads a processor
      return limits.threadsPerProcessor;
    case 40:   // copy engines
      return 2;
    case 75:
      return limits.capability / 10;
    case 76:
      return limits.capability % 10;
    case 81:   // shared bytes a processor
      return (int)limits.sharedBytesPerProcessor;
    case 97:   // shared bytes a block that opts in
      return (int)limits.optInSharedBytes;
    case 106:  // blocks a processor
      return limits.blocksPerProcessor;
    case 111:  // shared bytes of each block that the driver takes
      return 1024;
    case 115:  // memory pools
      return 0;
    default:  // everything that a plain device has not
      require(attribute > 0 && attribute < 160, INVALID_VALUE);
      return 0;
  }
}

void requireDevice(int device) { require(device == 0, INVALID_DEVICE); }
}  // namespace

const Limits& limits() {
  static const Limits made = make();
  return made;
}

int version() {
  const char* text = std::getenv("FLUXGATE_FAKE_CUDA_VERSION");
  return text == nullptr || *text == 0 ? VERSION : std::atoi(text);
}
}  // namespace driver

using namespace driver;

DRIVER cuInit(unsigned flags) {
  const std::lock_guard<std::recursive_mutex> held(lock());
  if (flags != 0) {
    return INVALID_VALUE;
  }
  if (strikes(driver::Fault::LOST)) {
    return UNKNOWN;
  }
  initialize();
  return SUCCESS;
}

DRIVER cuDriverGetVersion(int* out) {
  *out = version();
  return SUCCESS;
}

DRIVER cuDeviceGetCount(int* count) {
  return guarded([&] { *count = 1; });
}

DRIVER cuDeviceGet(int* device, int ordinal) {
  return guarded([&] {
    requireDevice(ordinal);
    *device = 0;
  });
}

DRIVER cuDeviceGetName(char* name, int length, int device) {
  return guarded([&] {
    requireDevice(device);
    std::snprintf(name, (std::size_t)length, "%s", NAME);
  });
}

DRIVER cuDeviceGetUuid(unsigned char* uuid, int device) {
  return guarded([&] {
    requireDevice(device);
    std::memcpy(uuid, UUID, sizeof UUID);
  });
}

DRIVER cuDeviceGetUuid_v2(unsigned char* uuid, int device) { return cuDeviceGetUuid(uuid, device); }

DRIVER cuDeviceGetAttribute(int* value, int attribute, int device) {
  return guarded([&] {
    requireDevice(device);
    *value = attributeOf(attribute);
  });
}

DRIVER cuDeviceTotalMem_v2(std::size_t* bytes, int device) {
  return guarded([&] {
    requireDevice(device);
    *bytes = memoryLimit();
  });
}

DRIVER cuDeviceComputeCapability(int* major, int* minor, int device) {
  return guarded([&] {
    requireDevice(device);
    *major = limits().capability / 10;
    *minor = limits().capability % 10;
  });
}

DRIVER cuDeviceGetPCIBusId(char* id, int length, int device) {
  return guarded([&] {
    requireDevice(device);
    std::snprintf(id, (std::size_t)length, "%s", BUS);
  });
}

DRIVER cuDeviceGetByPCIBusId(int* device, const char* id) {
  return guarded([&] {
    require(std::strcmp(id, BUS) == 0, INVALID_DEVICE);
    *device = 0;
  });
}
