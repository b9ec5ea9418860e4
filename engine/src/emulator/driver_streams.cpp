// Streams and events. An operation waits for those before it in its stream, for the event that it names, and, where the
// default stream is one of the two, for all earlier ones of streams that were not made NON_BLOCKING.
#include <chrono>

#include "driver.hpp"

namespace driver {
namespace {
constexpr unsigned NON_BLOCKING = 1, DISABLE_TIMING = 2;
constexpr std::size_t LONGEST_QUEUE = 1024;
constexpr int PATIENCE = 3;  // queries that answer "not ready" before work is done
Stream* const LEGACY = reinterpret_cast<Stream*>(1);

std::uint64_t issued = 0;

double now() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

void step(Context& context, Stream& stream) {
  const Operation operation = std::move(stream.pending.front());
  stream.pending.pop_front();
  if (operation.after != nullptr && !operation.after->done) {
    drain(context, *operation.after->stream, operation.after->number);
  }
  if (&stream == &context.legacy) {
    for (Handles<Stream>* all : {&context.streams, &context.abandoned}) {
      for (auto& [handle, other] : *all) {
        if (other->blocking) {
          drain(context, *other, operation.number);
        }
      }
    }
  } else if (stream.blocking) {
    drain(context, context.legacy, operation.number);
  }
  operation.run();
}

Event& event(Context& context, Event* handle) {
  const auto found = context.events.find(handle);
  require(found != context.events.end(), INVALID_HANDLE);
  return *found->second;
}

void create(Context& context, Stream** out, unsigned flags, int priority) {
  require(out != nullptr && flags <= NON_BLOCKING, INVALID_VALUE);
  auto made = std::make_unique<Stream>();
  made->blocking = flags != NON_BLOCKING;
  made->flags = flags;
  made->priority = priority;
  *out = made.get();
  context.streams[made.get()] = std::move(made);
}
}  // namespace

Stream& stream(Context& context, Stream* handle) {
  if (handle == nullptr || handle == LEGACY) {
    return context.legacy;
  }
  const auto found = context.streams.find(handle);
  require(found != context.streams.end(), INVALID_HANDLE);
  return *found->second;
}

std::uint64_t enqueue(Context& context, Stream& stream, std::function<void()> run, std::shared_ptr<Record> after) {
  stream.pending.push_back({++issued, std::move(after), std::move(run)});
  const std::uint64_t number = issued;
  while (stream.pending.size() > LONGEST_QUEUE) {
    step(context, stream);
  }
  return number;
}

void drain(Context& context, Stream& stream, std::uint64_t upTo) {
  while (!stream.pending.empty() && stream.pending.front().number <= upTo) {
    step(context, stream);
  }
}

void drainAll(Context& context) {
  drain(context, context.legacy);
  for (auto& [handle, each] : context.streams) {
    drain(context, *each);
  }
  for (auto& [handle, each] : context.abandoned) {
    drain(context, *each);
  }
  context.abandoned.clear();
}

void die(Context& context, Result result) {
  context.fault = result;
  context.legacy.pending.clear();
  for (auto& [handle, each] : context.streams) {
    each->pending.clear();
  }
  context.abandoned.clear();
  throw Failed{result};
}

void clear(Context& context) {
  context.legacy.pending.clear();
  context.streams.clear();
  context.abandoned.clear();
  context.events.clear();
  context.modules.clear();
  freeMemory(context);
  context.fault = SUCCESS;
}

}  // namespace driver

using namespace driver;

DRIVER cuStreamCreate(Stream** out, unsigned flags) {
  return inContext([&](Context& context) { create(context, out, flags, 0); });
}

DRIVER cuStreamCreateWithPriority(Stream** out, unsigned flags, int priority) {
  return inContext([&](Context& context) { create(context, out, flags, priority); });
}

DRIVER cuStreamGetPriority(Stream* handle, int* priority) {
  return inContext([&](Context& context) { *priority = stream(context, handle).priority; });
}

DRIVER cuStreamGetFlags(Stream* handle, unsigned* flags) {
  return inContext([&](Context& context) { *flags = stream(context, handle).flags; });
}

// What it holds still runs.
DRIVER cuStreamDestroy_v2(Stream* handle) {
  return inContext([&](Context& context) {
    const auto found = context.streams.find(handle);
    require(found != context.streams.end(), INVALID_HANDLE);
    context.abandoned[handle] = std::move(found->second);
    context.streams.erase(found);
  });
}

DRIVER cuStreamSynchronize(Stream* handle) {
  return inContext([&](Context& context) { drain(context, stream(context, handle)); });
}

DRIVER cuStreamQuery(Stream* handle) {
  return inContext([&](Context& context) {
    Stream& asked = stream(context, handle);
    if (!asked.pending.empty()) {
      require(++asked.queries % PATIENCE == 0, NOT_READY);
      drain(context, asked);
    }
  });
}

DRIVER cuStreamWaitEvent(Stream* handle, Event* awaited, unsigned) {
  return inContext([&](Context& context) {
    const auto& record = event(context, awaited).record;
    Stream& waiting = stream(context, handle);
    if (record != nullptr && !record->done) {
      enqueue(context, waiting, [] {}, record);
    }
  });
}

DRIVER cuEventCreate(Event** out, unsigned flags) {
  return inContext([&](Context& context) {
    require(out != nullptr, INVALID_VALUE);
    auto made = std::make_unique<Event>();
    made->timed = (flags & DISABLE_TIMING) == 0;
    *out = made.get();
    context.events[made.get()] = std::move(made);
  });
}

DRIVER cuEventDestroy_v2(Event* handle) {
  return inContext([&](Context& context) { require(context.events.erase(handle) == 1, INVALID_HANDLE); });
}

DRIVER cuEventRecord(Event* handle, Stream* recorded) {
  return inContext([&](Context& context) {
    Event& target = event(context, handle);
    Stream& source = stream(context, recorded);
    auto record = std::make_shared<Record>();
    record->stream = &source;
    record->number = enqueue(context, source, [record] {
      record->done = true;
      record->milliseconds = now();
    });
    target.record = record;
  });
}

DRIVER cuEventQuery(Event* handle) {
  return inContext([&](Context& context) {
    Event& asked = event(context, handle);
    const std::shared_ptr<Record> record = asked.record;
    if (record != nullptr && !record->done) {
      require(++asked.queries % PATIENCE == 0, NOT_READY);
      drain(context, *record->stream, record->number);
    }
  });
}

DRIVER cuEventSynchronize(Event* handle) {
  return inContext([&](Context& context) {
    const std::shared_ptr<Record> record = event(context, handle).record;
    if (record != nullptr && !record->done) {
      drain(context, *record->stream, record->number);
    }
  });
}

DRIVER cuEventElapsedTime(float* milliseconds, Event* from, Event* to) {
  return inContext([&](Context& context) {
    const Event &first = event(context, from), &last = event(context, to);
    require(first.timed && last.timed && first.record != nullptr && last.record != nullptr, INVALID_HANDLE);
    require(first.record->done && last.record->done, NOT_READY);
    *milliseconds = (float)(last.record->milliseconds - first.record->milliseconds);
  });
}

DRIVER cuCtxSynchronize() {
  return inContext([](Context& context) { drainAll(context); });
}
