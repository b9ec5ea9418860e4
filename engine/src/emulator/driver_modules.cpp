// Modules. What runs is always the kernel compiled into this library; the image decides which names are found, and is refused
// where a driver would refuse it.
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "driver.hpp"

namespace driver {
namespace {
constexpr int ERROR_LOG_BUFFER = 5, ERROR_LOG_BYTES = 6;  // options of cuModuleLoadDataEx
constexpr int EM_CUDA = 190, FIRST_CONTAINER_OF_13 = 8;
constexpr int NEWEST_PTX_OF_12 = 85, NEWEST_PTX_OF_13 = 90;

template <class T>
T at(const char* image, std::size_t offset) {
  T value;
  std::memcpy(&value, image + offset, sizeof value);
  return value;
}

bool isCubin(const char* image) {
  return std::strncmp(image, "\x7f" "ELF\2\1\1", 7) == 0 && at<std::uint16_t>(image, 18) == EM_CUDA;
}

// A cubin ends with one of its two tables; text ends with NUL.
std::size_t sizeOf(const char* image) {
  if (!isCubin(image)) {
    return std::strlen(image);
  }
  const auto end = [=](int table, int entry) {
    return at<std::uint64_t>(image, table) + (std::size_t)at<std::uint16_t>(image, entry) * at<std::uint16_t>(image, entry + 2);
  };
  return std::max(end(32, 54), end(40, 58));
}

struct Complaint {
  Result result = SUCCESS;
  std::string what;
};

// Machine code serves the major version that it is made for, from its minor version on.
Complaint ofCubin(const char* image) {
  const int container = image[8];
  const std::uint32_t flags = at<std::uint32_t>(image, 48);
  const int made = (int)(container >= FIRST_CONTAINER_OF_13 ? flags >> 8 & 0xff : flags & 0xff), ours = limits().capability;
  if (container >= FIRST_CONTAINER_OF_13 && version() < 13000) {
    return {INVALID_IMAGE, "a cubin of CUDA 13 (expected: of CUDA 12 at most, as the driver)"};
  }
  if (made / 10 != ours / 10 || made > ours) {
    return {NO_BINARY_FOR_GPU, "a cubin for sm_" + std::to_string(made) + " (expected: for sm_" + std::to_string(ours) + ")"};
  }
  return {};
}

// The number behind a word of PTX, without its point; 0 if the word is missing.
int numberBehind(const std::string& ptx, const char* word) {
  const std::size_t found = ptx.find(word);
  if (found == std::string::npos) {
    return 0;
  }
  int number = 0;
  for (const char* c = ptx.c_str() + found + std::strlen(word); std::isdigit((unsigned char)*c) || *c == '.'; c++) {
    number = *c == '.' ? number : number * 10 + (*c - '0');
  }
  return number;
}

Complaint ofPtx(const std::string& ptx) {
  if (ptx.find(".version") == std::string::npos) {
    return {INVALID_IMAGE, "neither ELF nor PTX (expected: one of them)"};
  }
  const int newest = version() < 13000 ? NEWEST_PTX_OF_12 : NEWEST_PTX_OF_13;
  const int language = numberBehind(ptx, ".version "), target = numberBehind(ptx, ".target sm_");
  if (language > newest) {
    return {UNSUPPORTED_PTX_VERSION, "PTX " + std::to_string(language) + " (expected: at most " + std::to_string(newest) + ")"};
  }
  if (target > limits().capability) {
    return {NO_BINARY_FOR_GPU, "PTX for sm_" + std::to_string(target) + " (expected: at most sm_" +
                                   std::to_string(limits().capability) + ")"};
  }
  return {};
}

Complaint complaintAbout(const std::string& image) {
  if (image.compare(0, 4, "\x7f" "ELF") == 0) {
    return isCubin(image.c_str()) ? ofCubin(image.c_str()) : Complaint{};
  }
  return ofPtx(image);
}

void load(Context& context, Module** out, const void* image, std::string* log) {
  require(out != nullptr && image != nullptr, INVALID_VALUE);
  auto made = std::make_unique<Module>();
  const char* start = static_cast<const char*>(image);
  made->image.assign(start, sizeOf(start));
  const Complaint complaint = complaintAbout(made->image);
  if (log != nullptr) {
    *log = complaint.what;
  }
  if (complaint.result != SUCCESS) {
    remember("module: " + complaint.what);
    throw Failed{complaint.result};
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
