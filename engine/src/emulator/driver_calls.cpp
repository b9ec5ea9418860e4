#include <vector>

#include "driver.hpp"

namespace driver {
namespace {
bool initialized = false;
// Never destroyed: threads may call the driver while the process ends.
std::vector<Context*>& contexts() {
  static thread_local auto* stack = new std::vector<Context*>();
  return *stack;
}
}  // namespace

Context& primary() {
  static auto* context = new Context();
  return *context;
}

std::recursive_mutex& lock() {
  static auto* mutex = new std::recursive_mutex();
  return *mutex;
}

void initialize() { initialized = true; }

void countCall() {
  require(!strikes(Fault::LOST), UNKNOWN);
  require(initialized, NOT_INITIALIZED);
}

Context* current() { return contexts().empty() ? nullptr : contexts().back(); }

Context& currentContext() {
  Context* context = current();
  require(context != nullptr, INVALID_CONTEXT);
  require(context->alive, CONTEXT_IS_DESTROYED);
  require(context->fault == SUCCESS, context->fault);
  return *context;
}

void setCurrent(Context* context) {
  if (!contexts().empty()) {
    contexts().pop_back();
  }
  if (context != nullptr) {
    contexts().push_back(context);
  }
}

void pushCurrent(Context* context) { contexts().push_back(context); }

Context* popCurrent() {
  Context* context = current();
  require(context != nullptr, INVALID_CONTEXT);
  contexts().pop_back();
  return context;
}

}  // namespace driver
