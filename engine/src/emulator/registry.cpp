#include <map>

#include "execution.hpp"

namespace emulator {
namespace {
std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}
}  // namespace

void add(const Kernel& kernel) { kernels()[kernel.name] = kernel; }

const Kernel* find(const std::string& name) {
  const auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}
}  // namespace emulator
