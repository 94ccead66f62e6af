#pragma once

#include <optional>
#include <string>
#include <variant>

#include <troupe/bridges/http/cors.hpp>
#include <troupe/bridges/http/listener.hpp>
#include <troupe/bridges/http/metrics.hpp>
#include <troupe/bridges/http/route.hpp>

namespace troupe::http {

/// What answers a request.
struct decision {
  std::size_t route; ///< for metrics
  std::variant<response, const deferred_handler*, const event_source*, const rendering*> answer;
};

/// What the exception that is being handled says. For `catch (...)`.
std::string words_of_exception();

/// Decides what becomes of a complete request, by the table, the gate and CORS alone. Immutable, any thread.
class dispatcher {
public:
  dispatcher(std::vector<route> routes, gate admit, std::optional<cors_policy> cors);

  /// Fills in what the target says; `path` keeps a decoded one for as long as the request lives. A handler's exception
  /// becomes a 500 and is reported to `watcher`. On a connection that is reserved for `operators` only they are answered.
  decision decide(request& incoming, std::string& path, audience role, listener_metrics& metrics, observer& watcher) const;

  [[nodiscard]] const std::vector<route>& routes() const noexcept { return table_.routes(); }
  [[nodiscard]] const std::optional<cors_policy>& cors() const noexcept { return cors_; }

private:
  std::optional<response> turn_away(request& incoming, std::string& path, listener_metrics& metrics) const;
  [[nodiscard]] bool is_for_operators(std::string_view path) const;
  [[nodiscard]] decision of_route(const request& incoming, std::size_t index, observer& watcher) const;

  router table_;
  gate admit_;
  std::optional<cors_policy> cors_;
};

} // namespace troupe::http
