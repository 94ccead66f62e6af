#include <troupe/messages/values/endpoint.hpp>

#include <algorithm>

namespace troupe {

std::string to_string(const endpoint& where) {
  const bool six = where.address.find(':') != std::string::npos;
  return (six ? '[' + where.address + ']' : where.address) + ':' + std::to_string(where.port);
}

bool is_loopback(std::string_view address) noexcept {
  const auto digits_and_dots = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
  return address == "localhost" || address == "::1"
         || (address.starts_with("127.") && std::ranges::all_of(address, digits_and_dots));
}

} // namespace troupe
