#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/http/message.hpp>
#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/route.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// The metrics of a listener. Labels are route patterns, methods, status classes and refusals: bounded by the route
/// table, whatever clients send. Any thread.
class listener_metrics {
public:
  listener_metrics(observer_ptr watcher, std::string listener, const std::vector<route>& routes);

  /// The place of requests that no route answers.
  [[nodiscard]] std::size_t unmatched() const noexcept { return rows_.size() - 1; }

  void answered(std::size_t route, method verb, unsigned status, duration took);
  void refused(refusal why) noexcept { refused_[static_cast<std::size_t>(why)]->add(); }
  void client_gone() noexcept { gone_->add(); }
  /// An answer that came when nobody waited for it any more.
  void answered_late() noexcept { late_->add(); }
  void failed_accept() noexcept { failed_accepts_->add(); }
  void in_flight(std::size_t count) noexcept { in_flight_->set(static_cast<double>(count)); }
  void connections(std::size_t count) noexcept { connections_->set(static_cast<double>(count)); }
  void subscribers(std::size_t count) noexcept { subscribers_->set(static_cast<double>(count)); }
  void dropped_subscriber() noexcept { dropped_subscribers_->add(); }
  void cut_off() noexcept { untaken_->add(); }

private:
  static constexpr std::size_t status_classes = 5;

  struct row {
    std::string pattern;
    std::array<std::atomic<counter*>, method_count * status_classes> counts{};
    histogram* durations = nullptr;
  };

  observer_ptr watcher_;
  std::string listener_;
  std::vector<std::unique_ptr<row>> rows_;
  std::array<counter*, refusal_count> refused_{};
  counter* gone_;
  counter* late_;
  counter* failed_accepts_;
  counter* dropped_subscribers_;
  counter* untaken_;
  gauge* in_flight_;
  gauge* connections_;
  gauge* subscribers_;
};

} // namespace troupe::http
