#include <troupe/bridges/grpc/engine/metrics.hpp>

#include <chrono>
#include <utility>

namespace troupe::grpc {

namespace {

label_list as_labels(const std::vector<header>& labels) {
  label_list result;
  for (const auto& each : labels)
    result.push_back({each.name, each.value});
  return result;
}

} // namespace

handled_calls::handled_calls(observer_ptr watcher, std::string end, std::vector<header> labels)
  : watcher_(std::move(watcher)),
    name_("grpc_" + end + "_handled_total"),
    labels_(std::move(labels)),
    durations_(&watcher_->make_histogram("grpc_" + std::move(end) + "_handling_seconds",
                                         "From the beginning of a call to its end.", as_labels(labels_))) {}

void handled_calls::ended(::grpc::StatusCode code, duration took) {
  auto& cell = counts_[index_of(code)];
  auto* count = cell.load(std::memory_order_acquire);
  if (count == nullptr) {
    // Two threads that race here are given the same counter.
    auto labels = as_labels(labels_);
    labels.push_back({"grpc_code", metric_name(code)});
    count = &watcher_->make_counter(name_, "Calls that have ended, by status.", labels);
    cell.store(count, std::memory_order_release);
  }
  count->add();
  durations_->observe(std::chrono::duration<double>(took).count());
}

} // namespace troupe::grpc
