#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <troupe/bridges/http/engine/dispatch.hpp>
#include <troupe/bridges/http/engine/renderer.hpp>
#include <troupe/bridges/http/listener.hpp>
#include <troupe/bridges/http/metrics.hpp>

namespace troupe::http {

/// What all I/O threads of a listener share.
struct shared_state {
  explicit shared_state(listener_options from)
    : options(std::move(from)),
      dispatch(std::move(options.routes), std::move(options.admit), std::move(options.cors)),
      metrics(options.watcher, options.name, dispatch.routes()) {
    for (const auto& route : dispatch.routes())
      if (const auto* const work = std::get_if<rendering>(&route.answer))
        renderers_.emplace(work, std::make_unique<renderer>(*work, *options.watcher));
  }

  [[nodiscard]] renderer& renderer_of(const rendering& costly) { return *renderers_.at(&costly); }

  listener_options options; // never changed, without its routes, gate and CORS, which `dispatch` has
  const dispatcher dispatch;
  listener_metrics metrics;

  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> ordinary{0}; ///< connections that are not reserved
  std::atomic<bool> stopping{false};    ///< answers close their connections
  std::atomic<bool> draining{false};    ///< idle connections close

  std::mutex guard; ///< of `emptied` alone
  std::condition_variable emptied;

private:
  std::unordered_map<const rendering*, std::unique_ptr<renderer>> renderers_;
};

/// One request that waits for an actor, counted from its beginning to its end.
class request_in_flight {
public:
  explicit request_in_flight(shared_state& shared) : shared_(shared), number_(shared.in_flight.fetch_add(1) + 1) {
    show(number_);
  }
  ~request_in_flight() { show(shared_.in_flight.fetch_sub(1) - 1); }
  request_in_flight(const request_in_flight&) = delete;
  request_in_flight& operator=(const request_in_flight&) = delete;

  /// Whether it is within the bound.
  [[nodiscard]] bool admitted() const noexcept { return number_ <= shared_.options.bounds.in_flight; }

private:
  void show(std::size_t count) noexcept { shared_.metrics.in_flight(count); }

  shared_state& shared_;
  const std::size_t number_;
};

} // namespace troupe::http
