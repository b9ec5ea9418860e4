#include <map>

#include "execution.hpp"

namespace emulator {
namespace {
std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}
// Static objects of one source are made in the order of their text: the bounds of a kernel, then its registration.
unsigned boundOfThreads, boundOfBlocks;
}  // namespace

Bounds::Bounds(unsigned mostThreads, unsigned leastBlocks) {
  boundOfThreads = mostThreads;
  boundOfBlocks = leastBlocks;
}

void add(Kernel kernel) {
  kernel.threads = boundOfThreads;
  kernel.blocks = boundOfBlocks;
  kernels()[kernel.name] = kernel;
}

const Kernel* find(const std::string& name) {
  const auto found = kernels().find(name);
  return found == kernels().end() ? nullptr : &found->second;
}
}  // namespace emulator
