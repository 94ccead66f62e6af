#include <troupe/bridges/grpc/log.hpp>

#include <mutex>
#include <utility>

#include <grpc/support/log.h>

namespace troupe::grpc {

namespace {

struct destination {
  std::mutex guard;
  observer_ptr watcher;
};

// Never destroyed: gRPC's threads may speak while the program ends.
destination& current() {
  static auto* const one = new destination;
  return *one;
}

// gRPC's errors are mostly of peers and connections, whose callers get them too: nothing in this process has failed.
severity severity_of(gpr_log_severity level) noexcept {
  switch (level) {
    case GPR_LOG_SEVERITY_ERROR:
      return severity::warning;
    case GPR_LOG_SEVERITY_INFO:
      return severity::debug;
    case GPR_LOG_SEVERITY_DEBUG:
      return severity::trace;
  }
  return severity::warning;
}

void pass_on(gpr_log_func_args* entry) noexcept {
  observer_ptr watcher;
  {
    const std::scoped_lock lock{current().guard};
    watcher = current().watcher;
  }
  if (watcher && watcher->logs(severity_of(entry->severity)))
    watcher->log(severity_of(entry->severity), {"grpc", "library"}, entry->message);
}

} // namespace

void log_to(observer_ptr watcher) {
  gpr_set_log_function(watcher ? &pass_on : nullptr);
  const std::scoped_lock lock{current().guard};
  current().watcher.swap(watcher);
}

} // namespace troupe::grpc
