#pragma once

#include <functional>
#include <memory>

#include <troupe/bridges/otlp/config.hpp>
#include <troupe/bridges/otlp/sender.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/span_record.hpp>

namespace troupe::otlp {

/// Makes the sender, on the thread that sends.
using make_sender_function = std::function<std::unique_ptr<sender>()>;

/// Gathers spans and sends them on a thread of its own. What does not fit into the queue, or what a collector does not take,
/// is dropped and counted (`troupe_spans_dropped_total`, by reason), so that a collector that is away costs nothing else:
/// after a failure nothing is sent until the next interval. From half a queue on there is no room for further traces. `take`
/// and `has_room` are for any thread, the rest for the owner.
class exporter final : public span_sink {
public:
  /// Throws `std::system_error` when there is no thread for it.
  exporter(const config& to, make_sender_function make, observer_ptr watcher);
  /// Stops at once what has not been stopped.
  ~exporter() override;
  exporter(const exporter&) = delete;
  exporter& operator=(const exporter&) = delete;

  [[nodiscard]] bool has_room() const noexcept override;
  void take(const span_record_ptr& ended) noexcept override;

  /// Sends what is there, and waits for that at most so long. Returns whether the thread has ended; one that still waits for
  /// its collector is left to itself, and the process should end without waiting for it.
  bool stop(duration at_most);

private:
  class work;

  std::shared_ptr<work> work_; ///< shared with the thread
};

} // namespace troupe::otlp
