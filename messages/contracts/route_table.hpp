#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/messages/contracts/route.hpp>

namespace troupe::contracts {

/// The route that takes a request.
struct route_match {
  const rest_route* route = nullptr; ///< as long as its table
  std::vector<std::string> captures; ///< decoded, one for each variable of the route's template
};

/// No route has the path: 404.
struct path_unknown {};

/// Routes have the path, but for other methods: 405.
struct method_refused {
  std::string allow; ///< the Allow header (RFC 9110, section 10.2.1): "GET, POST"
};

/// Finds the route of a request (google/api/http.proto, "Path template syntax"). Where several match, segment by segment
/// from the left a literal is preferred to `*`, which is preferred to `**`; before these a template whose verb the path has,
/// and after these a named method, to `*`. A route for another method never hides one. Immutable, any thread.
class route_table {
public:
  explicit route_table(std::vector<rest_route> routes);
  route_table(route_table&&) noexcept;
  route_table& operator=(route_table&&) noexcept;
  ~route_table();

  /// Alternatives beside a match: 404, 405, and `invalid` for a malformed percent escape: 400.
  using result = std::variant<route_match, path_unknown, method_refused, failure>;

  /// `path` is what the client sent, still percent-encoded, without the query. HEAD is a method like others here.
  [[nodiscard]] result find(std::string_view http_method, std::string_view path) const;

  [[nodiscard]] const std::vector<rest_route>& routes() const noexcept { return routes_; }

private:
  struct node;
  struct search;

  std::vector<rest_route> routes_;
  std::unique_ptr<node> root_;
};

} // namespace troupe::contracts
