#include <troupe/actors/runtime/call_counts.hpp>

#include <utility>

namespace troupe {

call_counts::call_counts(observer_ptr watcher, std::string service, std::string to)
  : watcher_(std::move(watcher)), service_(std::move(service)), to_(std::move(to)) {
  cells_.front() = &make(errc::none); // it is 0 before the first call
}

void call_counts::ended(errc outcome) {
  auto& cell = cells_.at(static_cast<std::size_t>(outcome));
  auto* count = cell.load(std::memory_order_acquire);
  if (count == nullptr) {
    count = &make(outcome); // two threads that race here are given the same counter
    cell.store(count, std::memory_order_release);
  }
  count->add();
}

counter& call_counts::make(errc outcome) const {
  return watcher_->make_counter(
    "troupe_calls_total", "Calls of services by services of this process, wherever they run, by what came of them.",
    {{"service", service_}, {"to", to_}, {"outcome", outcome == errc::none ? "success" : to_string(outcome)}});
}

} // namespace troupe
