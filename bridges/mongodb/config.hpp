#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/link_state.hpp>
#include <troupe/messages/values/secret.hpp>
#include <troupe/messages/values/secret_reading.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::mongodb {

/// The servers and the identity of the client: a connection string, which may hold a password.
/// https://www.mongodb.com/docs/manual/reference/connection-string/
struct access {
  secret uri; ///< `mongodb://` or `mongodb+srv://`
};

/// Returns the access: at the start, and `anew` after an authentication failed. Called on the bridge's threads, which it
/// may block for some seconds.
using access_source = std::function<expected<access>(freshness)>;

/// A source that always returns the same.
access_source always(access granted);

/// The PEM files of the client's end of a TLS connection.
struct tls {
  std::string authorities; ///< whose certificates are trusted; empty: the system's
  std::string identity;    ///< the own certificate and its key in one file, as the library wants them; it may be empty

  friend bool operator==(const tls&, const tls&) = default;
};

/// The settings of the servers that an operator has; the connection string has the others.
struct server_config {
  std::optional<secret_reference> uri; ///< where it is kept
  tls files;                           ///< either of them means TLS

  friend bool operator==(const server_config&, const server_config&) = default;
};

template <class Visitor, settings::self_of<server_config> Self>
void describe(Visitor& v, Self& servers) {
  v.value("uri", servers.uri, settings::anything{}, "it may hold a password");
  v.value("authorities", servers.files.authorities, settings::text_or_none{});
  v.value("identity", servers.files.identity, settings::text_or_none{});
}

/// The settings of a store; those in the connection string take precedence.
struct config {
  access_source where;
  tls files;                                       ///< either of them means TLS
  std::string name = "troupe";                     ///< as the server's log names the client
  duration connect = std::chrono::seconds{10};     ///< for a connection, TLS and authentication included
  duration operation = std::chrono::seconds{5};    ///< for the answer to a write, and for finding a server
  duration heartbeat = std::chrono::seconds{5};    ///< between checks of the servers
  duration close_within = std::chrono::seconds{3}; ///< for writes under way at the end; longer ones are abandoned
  std::size_t connections = 2;                     ///< writes under way at a time: as many as a db_writer has
  std::size_t in_flight = 20'000; ///< documents without an answer; beyond, unless there are none: `overloaded`
  std::size_t in_flight_bytes = std::size_t{64} << 20U;  ///< the same in bytes
  std::size_t largest_document = std::size_t{16} << 20U; ///< in BSON: MongoDB's own limit
  link_state_ptr state = std::make_shared<link_state>(); ///< set by the store
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const config& given);

/// The mistake in a connection string, in words that quote nothing of it but the names of options; empty: none. Besides the
/// mistakes that libmongoc finds, unacknowledged writes (`w=0`) are refused.
std::string wrong_uri(const secret& uri);

/// A connection string without its password and its options, for logs.
std::string masked(const secret& uri);

} // namespace troupe::mongodb
