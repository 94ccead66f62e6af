#pragma once

#include <cstdint>
#include <string>

namespace troupe {

/// The address of a listener. `port` 0 takes any free one.
struct endpoint {
  std::string address = "127.0.0.1"; ///< a literal or a name
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// "127.0.0.1:8080", "[::1]:8080".
inline std::string to_string(const endpoint& where) {
  const bool six = where.address.find(':') != std::string::npos;
  return (six ? '[' + where.address + ']' : where.address) + ':' + std::to_string(where.port);
}

} // namespace troupe
