#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Where something listens. Port 0 asks the system for a free one.
struct endpoint {
  std::string address = "127.0.0.1"; ///< a literal, an IPv6 one without brackets, or a name
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Stands for every address of the machine, IPv4 and IPv6.
inline constexpr std::string_view every_address = "::";

/// "127.0.0.1:8080", "[::1]:8080".
std::string to_string(const endpoint& where);

/// Whether the address is one that only this machine reaches: 127.0.0.0/8, ::1 or localhost.
bool is_loopback(std::string_view address) noexcept;

} // namespace troupe
