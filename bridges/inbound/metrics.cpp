#include <troupe/bridges/inbound/metrics.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::inbound {

subscription_metrics::subscription_metrics(const spawn_context& context, std::string_view transport, label_list with,
                                           const subscription_help& help)
  : watcher(context.watcher),
    prefix("troupe_" + std::string{transport} + "_"),
    labels(std::move(with)),
    delivered(make_counter("delivered_total", "Deliveries handed to a handler.")),
    batches(make_counter("batches_total", "Batches they were handed out in.")),
    settled(make_counter("settled_total", help.settled)),
    retried(make_counter("retried_total", "Deliveries parked for a delayed retry.")),
    stale(make_counter("stale_settlements_total", help.stale)),
    unsettled(make_gauge("unsettled", help.unsettled)),
    oldest(make_gauge("oldest_unsettled_seconds",
                      "How long the delivery that has been unsettled the longest has been in this process.")),
    latency(watcher->make_histogram(
      prefix + "end_to_end_seconds",
      "From the time at which a message was published, where its transport says it, to its settlement.", labels)) {}

// The clock of the publisher's machine may differ.
void subscription_metrics::settled_now(const std::optional<timestamp>& published) {
  if (published)
    latency.observe(std::max(0.0, std::chrono::duration<double>(system_now() - *published).count()));
}

void subscription_metrics::dead_lettered(errc why) {
  auto all = labels;
  all.push_back({"code", to_string(why)});
  watcher->make_counter(prefix + "dead_lettered_total", "Deliveries set aside as dead letters.", all).add();
}

void subscription_metrics::show_lag(std::size_t messages) {
  if (lag_ == nullptr)
    lag_ = &make_gauge("lag", "Messages that are not settled: here, and still to be delivered.");
  lag_->set(static_cast<double>(messages));
}

counter& subscription_metrics::make_counter(std::string_view name, std::string_view help) const {
  return watcher->make_counter(prefix + std::string{name}, help, labels);
}

gauge& subscription_metrics::make_gauge(std::string_view name, std::string_view help, const label_list& more) const {
  auto all = labels;
  all.insert(all.end(), more.begin(), more.end());
  return watcher->make_gauge(prefix + std::string{name}, help, all);
}

} // namespace troupe::inbound
