#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/messages/values/error.hpp>

namespace troupe::http {

/// Whom a client asks.
struct client_target {
  enum class scheme : std::uint8_t { http, https };

  scheme via = scheme::http;
  std::string host; ///< a name or an address, an IPv6 one without its brackets
  std::uint16_t port = 80;
  std::string path;

  /// Host and port as a `Host` header has them: the port only where it is not the scheme's own.
  [[nodiscard]] std::string authority() const;

  friend bool operator==(const client_target&, const client_target&) = default;
};

/// The path of a greeter where its target has none.
inline constexpr std::string_view greeting_path = "/api/greeting";

/// Reads `http://host[:port][/path]` and `https://...`, the form of the reference platforms' `SERVICE_X_URL`. Without a path
/// it is `otherwise`. Fails with `invalid` for anything else: user information, a fragment, a port outside 1 to 65535,
/// bytes that no request line can carry.
expected<client_target> parse_client_target(std::string_view text, std::string_view otherwise = greeting_path);

} // namespace troupe::http
