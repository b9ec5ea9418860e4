// The primary context and what is current on a thread.
#include "driver.hpp"

using namespace driver;

namespace {
void requireFirst(int device) { require(device == 0, INVALID_DEVICE); }
}  // namespace

DRIVER cuDevicePrimaryCtxRetain(Context** out, int device) {
  return guarded([&] {
    requireFirst(device);
    primary().references++;
    primary().alive = true;
    *out = &primary();
  });
}

DRIVER cuDevicePrimaryCtxRelease_v2(int device) {
  return guarded([&] {
    requireFirst(device);
    require(primary().references > 0, INVALID_CONTEXT);
    if (--primary().references == 0) {
      clear(primary());
      primary().alive = false;
    }
  });
}

// Destroys what the context holds; it lives again when it is next retained.
DRIVER cuDevicePrimaryCtxReset_v2(int device) {
  return guarded([&] {
    requireFirst(device);
    clear(primary());
    primary().alive = false;
  });
}

DRIVER cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
  return guarded([&] {
    requireFirst(device);
    primary().flags = flags;
  });
}

DRIVER cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
  return guarded([&] {
    requireFirst(device);
    *flags = primary().flags;
    *active = primary().alive ? 1 : 0;
  });
}

DRIVER cuCtxSetCurrent(Context* context) {
  return guarded([&] {
    require(context == nullptr || context == &primary(), INVALID_CONTEXT);
    setCurrent(context);
  });
}

DRIVER cuCtxGetCurrent(Context** out) {
  return guarded([&] { *out = current(); });
}

DRIVER cuCtxPushCurrent_v2(Context* context) {
  return guarded([&] {
    require(context == &primary(), INVALID_CONTEXT);
    pushCurrent(context);
  });
}

DRIVER cuCtxPopCurrent_v2(Context** out) {
  return guarded([&] {
    Context* popped = popCurrent();
    if (out != nullptr) {
      *out = popped;
    }
  });
}

DRIVER cuCtxGetDevice(int* device) {
  return guarded([&] {
    require(current() != nullptr, INVALID_CONTEXT);
    *device = 0;
  });
}

DRIVER cuCtxGetFlags(unsigned* flags) {
  return inContext([&](Context& context) { *flags = context.flags; });
}

DRIVER cuCtxGetApiVersion(Context*, unsigned* version) {
  return guarded([&] { *version = 3020; });
}

DRIVER cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return inContext([&](Context&) {
    *least = 0;
    *greatest = -5;
  });
}
