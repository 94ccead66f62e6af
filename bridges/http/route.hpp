#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/bridges/http/message.hpp>
#include <troupe/bridges/http/pending_answer.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::http {

/// Answers at once, on an I/O thread: never blocks. An exception is answered with 500.
using handler = std::function<response(const request&)>;

/// Passes the request on to be answered later, and returns by when: past that the client gets 504.
using deferred_handler = std::function<instant(const request&, pending_answer)>;

/// A value that is sent again whenever it changes, as server-sent events. Both are called on an I/O thread, never block, and
/// only while there are subscribers.
struct event_source {
  std::string name;                       ///< of the event
  std::function<std::uint64_t()> version; ///< differs when the value does; where not, the value is read once a second
  std::function<std::string()> render;
};

/// A text that takes long to make. It is made on a separate thread, once for all requests that arrive before it is begun,
/// and holds no slot of the requests in flight.
struct rendering {
  std::string_view content_type; ///< of static duration
  std::function<std::string()> render;
};

/// Whom a route is for.
enum class audience : std::uint8_t {
  clients,
  operators, ///< it is also answered on the connections that are reserved for them
};

/// A path and its handler. The last segment of `pattern` may be `{anything}`: one segment that is not empty; or `{**}`:
/// every path below. The pattern, never the path, labels metrics.
struct route {
  std::string pattern;
  method_set methods;
  std::variant<handler, deferred_handler, event_source, rendering> answer;
  http::audience audience = http::audience::clients;
};

/// Finds the route of a path. Immutable, any thread.
class router {
public:
  /// Of two routes with the same pattern the first wins.
  explicit router(std::vector<route> routes);

  struct match {
    std::size_t index; ///< into `routes()`
    std::string_view parameter;
  };

  /// The route with exactly that path, else the one whose last segment is open, else that of the nearest folder above.
  [[nodiscard]] std::optional<match> find(std::string_view path) const;

  [[nodiscard]] const std::vector<route>& routes() const noexcept { return routes_; }

private:
  std::vector<route> routes_;
  std::map<std::string, std::size_t, std::less<>> exact_;
  std::map<std::string, std::size_t, std::less<>> open_;  // by the path up to and with its last slash
  std::map<std::string, std::size_t, std::less<>> below_; // likewise
};

} // namespace troupe::http
