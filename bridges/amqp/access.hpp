#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::amqp {

struct address {
  std::string host;
  std::uint16_t port = 5672;

  friend bool operator==(const address&, const address&) = default;
};

/// The login for SASL PLAIN.
struct credentials {
  std::string username;
  secret password;
};

enum class encryption : std::uint8_t {
  none,
  tls, ///< 1.2 or later, and the broker's name is verified
};

/// The brokers' addresses and the login there.
struct access {
  std::vector<address> hosts; ///< tried in turn
  std::string virtual_host = "/";
  credentials login; ///< unused with EXTERNAL
  encryption how = encryption::none;
};

/// Returns the access. Called at the start, and with `anew` after a login was refused or no host could be reached, on the
/// bridge's own thread, which it may block for some seconds.
using access_source = std::function<expected<access>(freshness)>;

/// A source that always returns the same access.
access_source always(access where);

/// Reads a URL as https://www.rabbitmq.com/uri-spec.html defines it, with one host or several:
///
///     amqp[s]://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/VHOST]
///
/// Parts may be percent-encoded. The default user is `guest`, the default port 5672 or 5671, the default virtual host `/`.
/// An IPv6 address is written in brackets. Fails with `invalid`, which names the wrong part and does not quote it, because
/// the URL contains the password.
expected<access> parse_url(const secret& text);

} // namespace troupe::amqp
