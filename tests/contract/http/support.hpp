#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/http/administration.hpp>
#include <troupe/bridges/http/edge.hpp>
#include <troupe/messages/ports/greeter.hpp>

#include "../recorder.hpp"
#include "../service_script.hpp"

namespace http_test {

using namespace troupe;
using namespace std::chrono_literals;

/// How long a test waits for what must happen, before it fails.
inline constexpr auto patience = 20s;

using contract::recorder;
using contract::script;

/// Two services, the second of which was asked by the first.
greeting_answer two_greetings();

/// A TCP client that sends what it is given, byte by byte if need be.
class client {
public:
  explicit client(const http::endpoint& where);
  ~client();
  client(client&& other) noexcept;
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  client& operator=(client&&) = delete;

  struct answer {
    unsigned status = 0;
    std::string head;
    std::string body;

    /// The value of a header, or "(none)".
    std::string header(const std::string& name) const;
  };

  void send(std::string_view bytes);

  /// Sends as much as the other side takes; false when it has closed.
  bool try_send(std::string_view bytes);

  /// Waits so long for something to read, the end of the connection included.
  bool readable_within(std::chrono::milliseconds span);

  /// Reads one answer; a status of 0 when the connection ended instead.
  answer read(bool with_body = true);

  /// Reads until the text has come; what was read up to its end, or all when the connection ended before.
  std::string read_until(std::string_view text);

  /// Reads to the end of the connection.
  std::string read_all();

  /// Whether the other side has closed, without anything further to read.
  bool closed();

  /// Ends its own half; answers can still be read.
  void end_sending();

  /// Closes with a reset.
  void reset();
  void close();

private:
  bool fill();

  int socket_ = -1;
  std::string input_;
};

/// A GET with a Host.
std::string get(std::string_view target, std::string_view further_headers = {});

/// A request with a Host, a body and its length.
std::string request(std::string_view verb, std::string_view target, std::string_view body,
                    std::string_view further_headers = {});

struct system_config : caf::actor_system_config {
  system_config() { set("caf.scheduler.max-threads", 2U); }
};

/// An edge on a free port before a scripted greeter.
struct edge_fixture {
  edge_fixture();
  ~edge_fixture();

  /// Begins to listen; requires that it succeeds.
  void listen();

  client connect() { return client{served->local()}; }

  /// One request on a connection of its own.
  client::answer ask(const std::string& what);

  /// Answers the calls that were held.
  void release();

  system_config settings;
  caf::actor_system system{settings};
  std::shared_ptr<recorder> watcher = std::make_shared<recorder>();
  std::shared_ptr<script> greeter_script = std::make_shared<script>();
  greeter_actor greeter;
  http::edge_config config;
  http::edge_ports ports;
  std::unique_ptr<http::edge> served;
};

} // namespace http_test
