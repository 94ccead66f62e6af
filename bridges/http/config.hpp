#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/endpoint.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/secret.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::http {

using troupe::endpoint;
using troupe::is_loopback;
using troupe::to_string;

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

/// What a listener takes at most.
struct limits {
  std::size_t header_bytes = 16 * kibibyte;  ///< request line and header fields together; beyond: 431
  std::size_t body_bytes = mebibyte;         ///< beyond: 413
  std::size_t connections = 10'000;          ///< beyond: 503 and closed, save for what is for operators
  std::size_t reserved = 32;                 ///< connections beyond those, for operators; the oldest gives way to the next
  std::size_t in_flight = 512;               ///< requests that wait for an actor; beyond: 503
  std::size_t pipelined = 16;                ///< answers of one connection that are written together
  std::size_t untaken_bytes = 64 * mebibyte; ///< of all answers that clients have not taken; beyond, the slowest is cut off
  std::size_t subscribers = 16;              ///< of one event source; beyond: 503
};

template <class Visitor, settings::self_of<limits> Self>
void describe(Visitor& v, Self& bounds) {
  v.value("in-flight", bounds.in_flight, settings::between<std::size_t>{1, 1'000'000},
          "bounds memory, and the wait of those behind");
  v.value("connections", bounds.connections, settings::between<std::size_t>{1, 1'000'000}, "an idle one costs a few KiB");
  v.value("header-size", bounds.header_bytes, settings::in_bytes{kibibyte, mebibyte}, "traces and cookies fit");
  v.value("body-size", bounds.body_bytes, settings::in_bytes{0, 1024 * mebibyte},
          "each request under way holds one in memory");
}

/// How long a listener waits for a client.
struct timeouts {
  duration header = std::chrono::seconds{10};  ///< from a request's first byte to the end of its header; beyond: 408
  duration body = std::chrono::seconds{30};    ///< from there to the end of its body; beyond: 408
  duration idle = std::chrono::seconds{75};    ///< between two requests; beyond: closed
  duration write = std::chrono::seconds{30};   ///< for a client to take one answer; beyond: closed
  duration reserved = std::chrono::seconds{1}; ///< for a request on a reserved connection; beyond: 503
  duration linger = std::chrono::seconds{1};   ///< for a client to close after the last answer, so that it can read that one
  duration heartbeat = std::chrono::seconds{15};  ///< between comments on a silent event stream
  duration poll = std::chrono::milliseconds{250}; ///< between looks at an event source that has subscribers
  duration reread = std::chrono::seconds{1};      ///< between readings of its value, of which a part has no version
};

template <class Visitor, settings::self_of<timeouts> Self>
void describe(Visitor& v, Self& patience) {
  v.value("header-within", patience.header, settings::any_wait, "a client that trickles holds nothing for long");
  v.value("body-within", patience.body, settings::any_wait);
  v.value("idle", patience.idle, settings::any_wait, "longer than the 60 s of common balancers, which close first");
  v.value("read-within", patience.write, settings::any_wait);
}

/// What a client takes of one answer at most.
struct answer_limits {
  std::size_t header_bytes = 16 * kibibyte;
  std::size_t body_bytes = 4 * mebibyte; ///< some 20,000 greetings
};

/// What a client holds at most.
struct client_limits {
  std::size_t connections = 32; ///< each carries one call at a time
  std::size_t waiting = 1000;   ///< calls that wait for a connection; beyond: `overloaded`
  answer_limits answer;
};

/// How long a client waits for a server, within the deadlines of its calls.
struct client_timeouts {
  duration connect = std::chrono::seconds{2};   ///< for the name, and then for each of its addresses, TLS included
  duration idle = std::chrono::seconds{30};     ///< between two calls; less than servers wait (75 s here, 60 s elsewhere)
  duration tls_files = std::chrono::seconds{1}; ///< between looks at them, for a rotated one
  duration names = std::chrono::seconds{10};    ///< between looks at the addresses of the server's name
};

/// The listener for everybody.
struct edge_config {
  endpoint listen{"0.0.0.0", 8080};
  limits bounds;
  timeouts patience;
  std::vector<std::string> allowed_origins{"*"}; ///< for CORS; "*": every origin
  duration deadline = std::chrono::seconds{5};   ///< for a greeting; a caller may ask for less
  /// Where the gateway's form is answered; in its way the bare array's /api/greeting gives way.
  std::vector<std::string> gateway_paths{"/api/v1/greeting"};
  greeting_order array_order = greeting_order::post_order; ///< of the bare array, unless a caller asks for the other
  unsigned threads = 1;                                    ///< for I/O
};

template <class Visitor, settings::self_of<edge_config> Self>
void describe(Visitor& v, Self& edge) {
  describe(v, edge.bounds);
  describe(v, edge.patience);
}

/// The listener for the operator.
struct administration_config {
  endpoint listen{"127.0.0.1", 0};
  secret token; ///< asked for as `Authorization: Bearer`; needed unless `listen` is loopback
  /// Beside the loopback names and `listen.address`, to stop DNS rebinding. With a token and none of these any Host is
  /// answered: a page that is led here by its own name has no token.
  std::vector<std::string> allowed_hosts;
  limits bounds{.connections = 64, .in_flight = 16};
  timeouts patience;
  duration deadline = std::chrono::seconds{30}; ///< for the keeper of dead letters
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const edge_config& config);
std::vector<std::string> validate(const administration_config& config);

} // namespace troupe::http
