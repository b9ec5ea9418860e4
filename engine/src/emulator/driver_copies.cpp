// Copies. One that names no stream runs in the default stream before its call returns. An asynchronous one from or to pinned
// memory touches that memory when it runs; from pageable memory it has read all at its call, to pageable memory it waits.
#include <cstring>
#include <vector>

#include "driver.hpp"

namespace driver {
namespace {
// Enqueues a change of device memory.
void change(Context& context, Stream& stream, bool wait, std::function<void()> run) {
  const bool fails = strikes(Fault::COPY);
  const std::uint64_t number = enqueue(context, stream, [&context, fails, run = std::move(run)] {
    if (fails) {
      die(context, LAUNCH_FAILED);
    }
    run();
  });
  if (wait) {
    drain(context, stream, number);
  }
}

void toDevice(Context& context, void* to, const void* from, std::size_t bytes, Stream& stream, bool wait) {
  requireDevice(to, bytes);
  if (wait || isPinned(context, from, bytes)) {
    change(context, stream, wait, [=] { std::memcpy(to, from, bytes); });
  } else {
    const char* start = static_cast<const char*>(from);
    auto staged = std::make_shared<std::vector<char>>(start, start + bytes);
    change(context, stream, false, [=] { std::memcpy(to, staged->data(), bytes); });
  }
}

void toHost(Context& context, void* to, const void* from, std::size_t bytes, Stream& stream, bool wait) {
  requireDevice(from, bytes);
  change(context, stream, wait || !isPinned(context, to, bytes), [=] { std::memcpy(to, from, bytes); });
}

void between(Context& context, void* to, const void* from, std::size_t bytes, Stream& stream) {
  requireDevice(to, bytes);
  requireDevice(from, bytes);
  change(context, stream, false, [=] { std::memmove(to, from, bytes); });
}

template <class T>
void fill(Context& context, void* to, T value, std::size_t count, Stream& stream) {
  require(reinterpret_cast<std::uintptr_t>(to) % sizeof(T) == 0, INVALID_VALUE);
  requireDevice(to, count * sizeof(T));
  change(context, stream, false, [=] {
    for (std::size_t i = 0; i < count; i++) {
      static_cast<T*>(to)[i] = value;
    }
  });
}
}  // namespace
}  // namespace driver

using namespace driver;

DRIVER cuMemcpyHtoD_v2(void* to, const void* from, std::size_t bytes) {
  return inContext([&](Context& context) { toDevice(context, to, from, bytes, context.legacy, true); });
}

DRIVER cuMemcpyHtoDAsync_v2(void* to, const void* from, std::size_t bytes, Stream* handle) {
  return inContext([&](Context& context) { toDevice(context, to, from, bytes, stream(context, handle), false); });
}

DRIVER cuMemcpyDtoH_v2(void* to, const void* from, std::size_t bytes) {
  return inContext([&](Context& context) { toHost(context, to, from, bytes, context.legacy, true); });
}

DRIVER cuMemcpyDtoHAsync_v2(void* to, const void* from, std::size_t bytes, Stream* handle) {
  return inContext([&](Context& context) { toHost(context, to, from, bytes, stream(context, handle), false); });
}

// Within the device nothing waits, with or without a stream.
DRIVER cuMemcpyDtoD_v2(void* to, const void* from, std::size_t bytes) {
  return inContext([&](Context& context) { between(context, to, from, bytes, context.legacy); });
}

DRIVER cuMemcpyDtoDAsync_v2(void* to, const void* from, std::size_t bytes, Stream* handle) {
  return inContext([&](Context& context) { between(context, to, from, bytes, stream(context, handle)); });
}

DRIVER cuMemsetD8_v2(void* to, unsigned char value, std::size_t count) {
  return inContext([&](Context& context) { fill(context, to, value, count, context.legacy); });
}

DRIVER cuMemsetD8Async(void* to, unsigned char value, std::size_t count, Stream* handle) {
  return inContext([&](Context& context) { fill(context, to, value, count, stream(context, handle)); });
}

DRIVER cuMemsetD16_v2(void* to, unsigned short value, std::size_t count) {
  return inContext([&](Context& context) { fill(context, to, value, count, context.legacy); });
}

DRIVER cuMemsetD16Async(void* to, unsigned short value, std::size_t count, Stream* handle) {
  return inContext([&](Context& context) { fill(context, to, value, count, stream(context, handle)); });
}

DRIVER cuMemsetD32_v2(void* to, unsigned value, std::size_t count) {
  return inContext([&](Context& context) { fill(context, to, value, count, context.legacy); });
}

DRIVER cuMemsetD32Async(void* to, unsigned value, std::size_t count, Stream* handle) {
  return inContext([&](Context& context) { fill(context, to, value, count, stream(context, handle)); });
}
