// Modules. What runs is always the kernel compiled into this library; the image decides which names are found, and is refused
// where a driver would refuse it.
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "driver.hpp"

namespace driver {
namespace {
constexpr int ERROR_LOG_BUFFER = 5, ERROR_LOG_BYTES = 6;  // options of cuModuleLoadDataEx
constexpr int EM_CUDA = 190;

template <class T>
T at(const char* image, std::size_t offset) {
  T value;
  std::memcpy(&value, image + offset, sizeof value);
  return value;
}

// A 64-bit ELF file ends with one of its two tables; text ends with NUL.
std::size_t sizeOf(const char* image) {
  const bool elf = std::strncmp(image, "\x7f" "ELF\2\1\1", 7) == 0 && at<std::uint16_t>(image, 18) == EM_CUDA;
  if (!elf) {
    return std::strlen(image);
  }
  const std::size_t programs = at<std::uint64_t>(image, 32) + (std::size_t)at<std::uint16_t>(image, 54) * at<std::uint16_t>(image, 56);
  const std::size_t sections = at<std::uint64_t>(image, 40) + (std::size_t)at<std::uint16_t>(image, 58) * at<std::uint16_t>(image, 60);
  return std::max(programs, sections);
}

// The architecture that PTX is made for, 0 if it names none.
int targetOf(const std::string& ptx) {
  const std::size_t found = ptx.find(".target sm_");
  return found == std::string::npos ? 0 : std::atoi(ptx.c_str() + found + 11);
}

// Why the driver would not load the image; empty if it would.
std::string complaint(const std::string& image, Result& result) {
  if (image.compare(0, 4, "\x7f" "ELF") == 0) {
    return "";
  }
  if (image.find(".version") == std::string::npos) {
    result = INVALID_IMAGE;
    return "neither ELF nor PTX (expected: one of them)";
  }
  if (targetOf(image) > limits().capability) {
    result = NO_BINARY_FOR_GPU;
    return "PTX for sm_" + std::to_string(targetOf(image)) + " (expected: at most sm_" +
           std::to_string(limits().capability) + ")";
  }
  return "";
}

void load(Context& context, Module** out, const void* image, std::string* log) {
  require(out != nullptr && image != nullptr, INVALID_VALUE);
  auto made = std::make_unique<Module>();
  const char* start = static_cast<const char*>(image);
  made->image.assign(start, sizeOf(start));
  Result refused = SUCCESS;
  const std::string why = complaint(made->image, refused);
  if (log != nullptr) {
    *log = why;
  }
  if (refused != SUCCESS) {
    remember("module: " + why);
    throw Failed{refused};
  }
  *out = made.get();
  context.modules[made.get()] = std::move(made);
}

bool isPartOfName(char c) { return std::isalnum((unsigned char)c) != 0 || c == '_' || c == '$'; }

bool names(const std::string& image, const std::string& kernel) {
  for (std::size_t i = image.find(kernel); i != std::string::npos; i = image.find(kernel, i + 1)) {
    const std::size_t end = i + kernel.size();
    if ((i == 0 || !isPartOfName(image[i - 1])) && (end == image.size() || !isPartOfName(image[end]))) {
      return true;
    }
  }
  return false;
}
}  // namespace
}  // namespace driver

using namespace driver;

DRIVER cuModuleLoadData(Module** out, const void* image) {
  return inContext([&](Context& context) { load(context, out, image, nullptr); });
}

DRIVER cuModuleLoadDataEx(Module** out, const void* image, unsigned count, int* options, void** values) {
  return inContext([&](Context& context) {
    std::string log;
    char* buffer = nullptr;
    std::size_t bytes = 0;
    for (unsigned i = 0; i < count; i++) {
      if (options[i] == ERROR_LOG_BUFFER) {
        buffer = static_cast<char*>(values[i]);
      } else if (options[i] == ERROR_LOG_BYTES) {
        bytes = reinterpret_cast<std::uintptr_t>(values[i]) & 0xffffffffu;
      }
    }
    try {
      load(context, out, image, &log);
    } catch (const Failed&) {
      if (buffer != nullptr && bytes > 0) {
        const std::size_t length = std::min(bytes - 1, log.size());
        std::memcpy(buffer, log.data(), length);
        buffer[length] = 0;
      }
      throw;
    }
  });
}

DRIVER cuModuleUnload(Module* handle) {
  return inContext([&](Context& context) {
    require(context.modules.count(handle) == 1, INVALID_HANDLE);
    drainAll(context);
    context.modules.erase(handle);
  });
}

DRIVER cuModuleGetFunction(Function** out, Module* handle, const char* name) {
  return inContext([&](Context& context) {
    require(out != nullptr && name != nullptr && *name != 0, INVALID_VALUE);
    const auto found = context.modules.find(handle);
    require(found != context.modules.end(), INVALID_HANDLE);
    const emulator::Kernel* kernel = emulator::find(name);
    require(kernel != nullptr && names(found->second->image, name), NOT_FOUND);
    auto& function = found->second->functions[name];
    if (function == nullptr) {
      function = std::make_unique<Function>(Function{kernel, handle, DEFAULT_SHARED_BYTES});
    }
    *out = function.get();
  });
}
