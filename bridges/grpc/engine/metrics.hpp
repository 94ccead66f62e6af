#pragma once

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include <troupe/bridges/grpc/engine/status.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::grpc {

/// How the calls of one kind end: a counter for each status and a histogram of their durations, named as go-grpc-prometheus
/// names them. Any thread.
class handled_calls {
public:
  /// `end` is "server" or "client". The labels are on every series.
  handled_calls(observer_ptr watcher, std::string end, std::vector<header> labels);

  void ended(::grpc::StatusCode code, duration took);

private:
  observer_ptr watcher_; // owns the metrics
  std::string name_;
  std::vector<header> labels_;
  std::array<std::atomic<counter*>, status_code_count> counts_{};
  histogram* durations_;
};

} // namespace troupe::grpc
