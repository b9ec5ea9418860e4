// The state of the fake driver. One device, its primary context, and queues of operations that run when a call has to wait for
// them and not before. Every driver call holds the one lock from its begin to its end, kernels included.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "execution.hpp"

namespace driver {

enum Result : int {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  UNSUPPORTED_PTX_VERSION = 222,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  LAUNCH_TIMEOUT = 702,
  CONTEXT_IS_DESTROYED = 709,
  MISALIGNED_ADDRESS = 716,
  LAUNCH_FAILED = 719,
  NOT_SUPPORTED = 801,
  UNKNOWN = 999,
};

// Thrown within a call, whose result it becomes.
struct Failed {
  Result result;
};
inline void require(bool holds, Result otherwise) {
  if (!holds) {
    throw Failed{otherwise};
  }
}

// One recording of an event: done once all that its stream held before has run.
struct Record {
  struct Stream* stream;
  std::uint64_t number;
  bool done = false;
  double milliseconds = 0;
};

struct Event {
  bool timed;
  std::shared_ptr<Record> record;  // the latest, or null
  int queries = 0;
};

struct Operation {
  std::uint64_t number;  // in the order of the calls, over all streams
  std::shared_ptr<Record> after;  // to be done before, or null
  std::function<void()> run;
};

struct Stream {
  bool blocking = true;  // whether it keeps step with the default stream
  int priority = 0;
  unsigned flags = 0;
  int queries = 0;
  std::deque<Operation> pending;
};

struct Module;
struct Function {
  const emulator::Kernel* kernel;
  Module* module;
  unsigned dynamicSharedBytes;  // the most that a launch may ask for
};
struct Module {
  std::string image;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

template <class T>
using Handles = std::map<const T*, std::unique_ptr<T>>;

// The primary context with all that lives in it.
struct Context {
  bool alive = false;
  int references = 0;
  unsigned flags = 0;
  Result fault = SUCCESS;  // what killed it
  Stream legacy;           // the default stream
  Handles<Stream> streams, abandoned;
  Handles<Event> events;
  Handles<Module> modules;
  std::map<std::uintptr_t, std::size_t> blocks;                  // of device memory
  std::map<std::uintptr_t, std::pair<std::size_t, bool>> pinned;  // host memory: bytes, and whether it is ours to free
  std::size_t used = 0;
};

Context& primary();

// ---- driver_calls.cpp: what every call begins with.

std::recursive_mutex& lock();
void initialize();
void countCall();          // fails if the device is lost or the driver was not initialized
Context& currentContext();  // of this thread; fails if there is none, or a dead one
void setCurrent(Context* context);
Context* current();
void pushCurrent(Context* context);
Context* popCurrent();

template <class Body>
Result guarded(Body body) {
  const std::lock_guard<std::recursive_mutex> held(lock());
  try {
    countCall();
    body();
    return SUCCESS;
  } catch (const Failed& failed) {
    return failed.result;
  }
}

template <class Body>
Result inContext(Body body) {
  return guarded([&] { body(currentContext()); });
}

// ---- driver_control.cpp: settings and faults on demand.

enum class Fault { NONE, MEMORY, LAUNCH, KERNEL, LOST, COPY };
bool strikes(Fault fault);  // counts one occasion of it down
std::size_t memoryLimit();
emulator::Schedule schedule();
emulator::Statistics& statistics(const std::string& kernel);
void remember(const std::string& failure);

// ---- driver_streams.cpp: queues.

Stream& stream(Context& context, Stream* handle);
std::uint64_t enqueue(Context& context, Stream& stream, std::function<void()> run, std::shared_ptr<Record> after = nullptr);
// Runs what the stream holds up to and including that number, and all that must come before it.
void drain(Context& context, Stream& stream, std::uint64_t upTo = UINT64_MAX);
void drainAll(Context& context);
// Kills the context: drops all that is pending and fails with `result`, as every later call does.
[[noreturn]] void die(Context& context, Result result);
void clear(Context& context);  // frees all that lives in it

// ---- driver_memory.cpp.

bool isPinned(const Context& context, const void* host, std::size_t bytes);
void requireDevice(const void* address, std::size_t bytes);
void freeMemory(Context& context);

// ---- driver_device.cpp.

struct Limits {
  int capability;  // 86 for 8.6
  unsigned optInSharedBytes, sharedBytesPerProcessor;
  int threadsPerProcessor, blocksPerProcessor;
};
const Limits& limits();
int version();  // 12060 for 12.6
constexpr int PROCESSORS = 4;
constexpr unsigned DEFAULT_SHARED_BYTES = 48 << 10;

}  // namespace driver

#define DRIVER extern "C" __attribute__((visibility("default"))) driver::Result
#define CONTROL extern "C" __attribute__((visibility("default")))
