#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <greeting.grpc.pb.h>
#include <greeting_v3.grpc.pb.h>
#include <grpcpp/grpcpp.h>

#include <troupe/messages/values/tls_files.hpp>

#include "../temporary_folder.hpp"
#include "support.hpp"

// Peers that know nothing of Troupe: generated code, bytes, files.

namespace troupe::grpc_test {

/// A server of generated code only. Its method runs on gRPC's threads.
class bare_server {
public:
  using method = std::function<::grpc::Status(::grpc::ServerContext&, const ::greeting::v3::GreetingRequest&,
                                              std::vector<::greeting::v3::Greeting>&)>;

  /// `answers` both contracts; that of 2019 has no host names and no request.
  explicit bare_server(method answers, std::shared_ptr<::grpc::ServerCredentials> credentials = nullptr);
  ~bare_server();

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

private:
  class of_2019;
  class of_2021;
  std::unique_ptr<of_2019> first_;
  std::unique_ptr<of_2021> second_;
  int port_ = 0;
  std::unique_ptr<::grpc::Server> server_;
};

/// What a bare client got.
struct bare_answer {
  ::grpc::Status status;
  std::vector<::greeting::v3::Greeting> greetings;
  std::multimap<std::string, std::string> headers;
  std::multimap<std::string, std::string> trailers;

  std::string trailer(const std::string& name) const;
  std::string header(const std::string& name) const;
  std::string services() const;
};

/// A client of generated code only.
class bare_client {
public:
  explicit bare_client(const std::string& target, std::shared_ptr<::grpc::ChannelCredentials> credentials = nullptr);

  /// Calls the contract of 2019; `prepare` sets metadata and deadline.
  bare_answer call(const std::function<void(::grpc::ClientContext&)>& prepare = {});

  /// Calls the contract of 2021.
  bare_answer call_v3(const ::greeting::v3::GreetingRequest& request,
                      const std::function<void(::grpc::ClientContext&)>& prepare = {});

  /// Calls any method, streaming or not, with bytes and reads one answer of bytes.
  std::string call_bytes(const std::string& method, const std::string& request);

  /// Reads two answers, and does something between them.
  std::vector<std::string> call_bytes(const std::string& method, const std::string& request,
                                      const std::function<void()>& between);

private:
  std::shared_ptr<::grpc::Channel> channel_;
};

/// What the health service says: "SERVING", "NOT_SERVING", or that it knows no such service.
std::string health(bare_client& client, const std::string& service);

/// Passes bytes between one address and another until it is cut.
class relay {
public:
  explicit relay(std::uint16_t to);
  ~relay();

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  /// Breaks every connection; takes no more.
  void cut();

  /// Keeps every connection, and from now on passes nothing.
  void swallow() { swallowing_ = true; }

  /// How many connections it has taken.
  std::size_t connections() const { return taken_; }

private:
  void pass(int one, int other);

  std::uint16_t port_ = 0;
  std::atomic<bool> swallowing_{false};
  std::atomic<std::size_t> taken_{0};
  int listening_ = -1;
  std::uint16_t to_;
  std::mutex guard_;
  std::vector<int> open_;
  std::vector<std::thread> passing_;
  std::thread accepting_;
};

/// A peer that begins no call: whenever one comes it says so (GOAWAY, RFC 9113, 6.8) and takes the next connection.
class leaving_peer {
public:
  leaving_peer();
  ~leaving_peer();

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  /// How many calls have come.
  std::size_t calls() const { return calls_; }

private:
  void serve(int connection);

  std::uint16_t port_ = 0;
  std::atomic<std::size_t> calls_{0};
  int listening_ = -1;
  std::mutex guard_;
  std::vector<int> open_;
  std::thread serving_;
};

/// A port on which nobody listens.
std::uint16_t free_port();

/// Certificates of authorities that the openssl command made, in a folder of their own.
class certificates {
public:
  certificates();

  /// The file of an authority's own certificate.
  std::string authority(const std::string& name) const { return file(name + ".pem"); }

  /// Makes a certificate for localhost and 127.0.0.1 under files of that name, signed by that authority, and replaces what
  /// stood there. With negative days it has expired.
  void issue(const std::string& name, const std::string& authority, int days = 2);

  /// Whether the openssl command can shake hands with a server; the arguments say how, such as `-tls1_2`.
  bool shakes_hands(const std::string& target, const std::string& arguments) const;

  /// The files of that name, with the authority that is to be trusted; none when empty.
  tls_files files(const std::string& name, const std::string& trusted) const;

  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

private:
  bool succeeds(const std::string& command) const;
  void run(const std::string& command) const;

  contract::temporary_folder folder_;
};

} // namespace troupe::grpc_test
