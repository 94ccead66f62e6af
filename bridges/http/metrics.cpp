#include <troupe/bridges/http/metrics.hpp>

#include <algorithm>

namespace troupe::http {

listener_metrics::listener_metrics(observer_ptr watcher, std::string listener, const std::vector<route>& routes)
  : watcher_(std::move(watcher)), listener_(std::move(listener)) {
  const label_list own{{"listener", listener_}};
  const auto add_row = [this](std::string pattern) {
    auto& added = *rows_.emplace_back(std::make_unique<row>());
    added.pattern = std::move(pattern);
    added.durations =
      &watcher_->make_histogram("troupe_http_request_duration_seconds", "From the end of a request to its answer, by route.",
                                {{"listener", listener_}, {"route", added.pattern}});
  };
  for (const auto& each : routes)
    add_row(each.pattern);
  add_row("unmatched");
  for (std::size_t index = 0; index < refusal_count; ++index)
    refused_[index] = &watcher_->make_counter("troupe_http_refused_total", "Requests and connections refused, by reason.",
                                              {{"listener", listener_}, {"reason", to_string(static_cast<refusal>(index))}});
  gone_ = &watcher_->make_counter("troupe_http_clients_gone_total", "Clients that left before their answer.", own);
  late_ = &watcher_->make_counter("troupe_http_late_answers_total", "Answers that nobody waited for any more.", own);
  failed_accepts_ =
    &watcher_->make_counter("troupe_http_failed_accepts_total", "Connections that could not be accepted.", own);
  dropped_subscribers_ =
    &watcher_->make_counter("troupe_http_subscribers_dropped_total", "Subscribers that read too slowly.", own);
  untaken_ =
    &watcher_->make_counter("troupe_http_untaken_answers_total",
                            "Connections closed because their answers were not taken: too late, or too many bytes.", own);
  in_flight_ = &watcher_->make_gauge("troupe_http_requests_in_flight", "Requests that wait for an actor.", own);
  connections_ = &watcher_->make_gauge("troupe_http_connections", "Open connections.", own);
  subscribers_ = &watcher_->make_gauge("troupe_http_subscribers", "Open event streams.", own);
}

void listener_metrics::answered(std::size_t route, method verb, unsigned status, duration took) {
  constexpr std::array<std::string_view, status_classes> names{"1xx", "2xx", "3xx", "4xx", "5xx"};
  auto& of_route = *rows_[route];
  const auto status_class = std::clamp<std::size_t>(status / 100, 1, status_classes) - 1;
  auto& cell = of_route.counts[static_cast<std::size_t>(verb) * status_classes + status_class];
  auto* count = cell.load(std::memory_order_acquire);
  if (count == nullptr) {
    // Two threads that race here are given the same counter.
    count = &watcher_->make_counter(
      "troupe_http_requests_total", "Requests answered, by route, method and class of status.",
      {{"listener", listener_}, {"route", of_route.pattern}, {"method", to_string(verb)}, {"status", names[status_class]}});
    cell.store(count, std::memory_order_release);
  }
  count->add();
  of_route.durations->observe(std::chrono::duration<double>(took).count());
}

} // namespace troupe::http
