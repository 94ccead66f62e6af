#include <troupe/bridges/amqp/access.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::amqp;
using namespace troupe_fuzz;

/// A URL that is read names hosts with ports, and C strings can carry its parts; one that is not is reported without quoting
/// it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = parse_url(secret{std::string{text_of(data, size)}});
  if (found.has_error()) {
    require(found.error().code == errc::invalid && found.error().reason.size() < 200);
    return 0;
  }
  require(!found->hosts.empty());
  for (const auto& each : found->hosts)
    require(!each.host.empty() && each.port != 0 && each.host.find('\0') == std::string::npos);
  require(found->virtual_host.find('\0') == std::string::npos);
  require(found->login.username.find('\0') == std::string::npos);
  require(found->login.password.reveal().find('\0') == std::string::npos);
  return 0;
}
