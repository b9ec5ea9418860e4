// Running kernels: the emulator's face towards the driver.
#pragma once
#include <string>

#include "primitives.cuh"

namespace emulator {

struct Failure {
  Fault fault = Fault::NONE;
  std::string what;
};

// Freedom that a schedule takes. Seed 0 runs threads in order, any other shuffles them at every turn; results must be equal.
struct Schedule {
  unsigned seed;
  unsigned workers;
};

// Shared-memory wavefronts of matrix loads: one for each 8 x 8 matrix if no banks collide.
struct Statistics {
  std::uint64_t launches = 0, blocks = 0, matrixLoads = 0, wavefronts = 0;
};

// The kernel of that name, or null.
const Kernel* find(const std::string& name);

// Runs a whole grid. `argument` holds kernel.argumentBytes bytes.
Failure execute(const Kernel& kernel, const Geometry& geometry, const void* argument, const Schedule& schedule,
                Statistics& statistics);

}  // namespace emulator
