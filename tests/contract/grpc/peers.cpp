#include "peers.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <grpcpp/generic/generic_stub.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::grpc_test {

// -- bare_server

class bare_server::of_2021 final : public ::greeting::v3::GreetingService::Service {
public:
  explicit of_2021(method answers) : answers_(std::move(answers)) {}

  ::grpc::Status Greeting(::grpc::ServerContext* context, const ::greeting::v3::GreetingRequest* request,
                          ::greeting::v3::GreetingResponse* response) override {
    std::vector<::greeting::v3::Greeting> greetings;
    const auto status = answers_(*context, *request, greetings);
    for (const auto& each : greetings)
      *response->add_greeting() = each;
    return status;
  }

private:
  method answers_;
};

class bare_server::of_2019 final : public ::greeting::GreetingService::Service {
public:
  explicit of_2019(method answers) : answers_(std::move(answers)) {}

  ::grpc::Status Greeting(::grpc::ServerContext* context, const ::greeting::GreetingRequest*,
                          ::greeting::GreetingResponse* response) override {
    std::vector<::greeting::v3::Greeting> greetings;
    const auto status = answers_(*context, {}, greetings);
    for (const auto& each : greetings) {
      auto& added = *response->add_greeting();
      added.set_id(each.id());
      added.set_service(each.service());
      added.set_message(each.message());
      added.set_created(each.created());
    }
    return status;
  }

private:
  method answers_;
};

bare_server::bare_server(method answers, std::shared_ptr<::grpc::ServerCredentials> credentials)
  : first_(std::make_unique<of_2019>(answers)), second_(std::make_unique<of_2021>(std::move(answers))) {
  ::grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials ? credentials : ::grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(first_.get());
  builder.RegisterService(second_.get());
  server_ = builder.BuildAndStart();
  if (!server_)
    throw std::runtime_error("the bare server could not listen");
}

bare_server::~bare_server() {
  server_->Shutdown(std::chrono::system_clock::now());
}

// -- bare_client

namespace {

std::multimap<std::string, std::string> owned(const std::multimap<::grpc::string_ref, ::grpc::string_ref>& metadata) {
  std::multimap<std::string, std::string> result;
  for (const auto& [name, value] : metadata)
    result.emplace(std::string{name.data(), name.size()}, std::string{value.data(), value.size()});
  return result;
}

std::string found_in(const std::multimap<std::string, std::string>& metadata, const std::string& name) {
  const auto found = metadata.find(name);
  return found == metadata.end() ? "(none)" : found->second;
}

void prepare_call(::grpc::ClientContext& context, const std::function<void(::grpc::ClientContext&)>& prepare) {
  context.set_deadline(std::chrono::system_clock::now() + patience);
  context.set_wait_for_ready(true);
  if (prepare)
    prepare(context);
}

} // namespace

std::string bare_answer::trailer(const std::string& name) const {
  return found_in(trailers, name);
}

std::string bare_answer::header(const std::string& name) const {
  return found_in(headers, name);
}

std::string bare_answer::services() const {
  std::string result;
  for (const auto& each : greetings)
    result += (result.empty() ? "" : ",") + each.service();
  return result;
}

bare_client::bare_client(const std::string& target, std::shared_ptr<::grpc::ChannelCredentials> credentials)
  : channel_(::grpc::CreateChannel(target, credentials ? credentials : ::grpc::InsecureChannelCredentials())) {}

bare_answer bare_client::call(const std::function<void(::grpc::ClientContext&)>& prepare) {
  ::grpc::ClientContext context;
  prepare_call(context, prepare);
  ::greeting::GreetingResponse response;
  bare_answer result;
  result.status = ::greeting::GreetingService::NewStub(channel_)->Greeting(&context, {}, &response);
  for (const auto& each : response.greeting()) {
    auto& added = result.greetings.emplace_back();
    added.set_service(each.service());
    added.set_created(each.created());
  }
  result.headers = owned(context.GetServerInitialMetadata());
  result.trailers = owned(context.GetServerTrailingMetadata());
  return result;
}

bare_answer bare_client::call_v3(const ::greeting::v3::GreetingRequest& request,
                                 const std::function<void(::grpc::ClientContext&)>& prepare) {
  ::grpc::ClientContext context;
  prepare_call(context, prepare);
  ::greeting::v3::GreetingResponse response;
  bare_answer result;
  result.status = ::greeting::v3::GreetingService::NewStub(channel_)->Greeting(&context, request, &response);
  result.greetings.assign(response.greeting().begin(), response.greeting().end());
  result.headers = owned(context.GetServerInitialMetadata());
  result.trailers = owned(context.GetServerTrailingMetadata());
  return result;
}

std::string bare_client::call_bytes(const std::string& method, const std::string& request) {
  return call_bytes(method, request, {}).front();
}

std::vector<std::string> bare_client::call_bytes(const std::string& method, const std::string& request,
                                                 const std::function<void()>& between) {
  ::grpc::ClientContext context;
  prepare_call(context, {});
  ::grpc::CompletionQueue queue;
  ::grpc::GenericStub stub{channel_};
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(&context, method, &queue);
  const auto read = [&]() -> std::string {
    ::grpc::ByteBuffer answer;
    ::grpc::Slice whole;
    call->Read(&answer, nullptr);
    if (!wait() || !answer.DumpToSingleSlice(&whole).ok())
      return "(no answer)";
    return {whole.begin(), whole.end()};
  };
  call->StartCall(nullptr);
  wait();
  const ::grpc::Slice slice{request};
  call->WriteLast({&slice, 1}, {}, nullptr);
  wait();
  std::vector<std::string> result{read()};
  if (between) {
    between();
    result.push_back(read());
  }
  context.TryCancel();
  ::grpc::Status status;
  call->Finish(&status, nullptr);
  wait();
  return result;
}

// -- relay

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

int socket_at(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&at), size) != 0
      || ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("no port could be had");
  port = ntohs(at.sin_port);
  return socket;
}

} // namespace

std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(socket_at(port));
  return port;
}

relay::relay(std::uint16_t to) : listening_(socket_at(port_)), to_(to) {
  ::listen(listening_, 16);
  accepting_ = std::thread{[this] {
    for (int one = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC); one >= 0;
         one = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) {
      ++taken_;
      const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto at = loopback(to_);
      const bool connected = ::connect(other, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
      const std::scoped_lock lock{guard_};
      open_.push_back(one);
      open_.push_back(other);
      if (!connected) {
        ::shutdown(one, SHUT_RDWR);
        continue;
      }
      passing_.emplace_back([this, one, other] { pass(one, other); });
      passing_.emplace_back([this, one, other] { pass(other, one); });
    }
  }};
}

relay::~relay() {
  cut();
  accepting_.join();
  for (auto& each : passing_)
    each.join();
  for (const auto each : open_)
    ::close(each);
  ::close(listening_);
}

void relay::cut() {
  ::shutdown(listening_, SHUT_RDWR);
  const std::scoped_lock lock{guard_};
  for (const auto each : open_)
    ::shutdown(each, SHUT_RDWR);
}

void relay::pass(int one, int other) { // NOLINT(readability-make-member-function-const)
  std::array<char, 16 * 1024> room{};
  for (auto count = ::read(one, room.data(), room.size()); count > 0; count = ::read(one, room.data(), room.size()))
    if (!swallowing_ && ::send(other, room.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) != count)
      break;
  ::shutdown(other, SHUT_RDWR);
}

// -- leaving_peer

leaving_peer::leaving_peer() : listening_(socket_at(port_)) {
  ::listen(listening_, 16);
  serving_ = std::thread{[this] {
    for (int one = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC); one >= 0;
         one = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) {
      {
        const std::scoped_lock lock{guard_};
        open_.push_back(one);
      }
      serve(one);
      ::shutdown(one, SHUT_RDWR);
    }
  }};
}

leaving_peer::~leaving_peer() {
  ::shutdown(listening_, SHUT_RDWR);
  {
    const std::scoped_lock lock{guard_};
    for (const auto each : open_)
      ::shutdown(each, SHUT_RDWR);
  }
  serving_.join();
  for (const auto each : open_)
    ::close(each);
  ::close(listening_);
}

void leaving_peer::serve(int connection) {
  constexpr std::array<unsigned char, 9> settings{0, 0, 0, 4};
  constexpr std::array<unsigned char, 17> goaway{0, 0, 8, 7}; // the last stream that it began is none
  constexpr unsigned char headers = 1;
  std::vector<unsigned char> room(24); // the client's preface
  const auto fill = [&] {
    return room.empty() || ::recv(connection, room.data(), room.size(), MSG_WAITALL) == static_cast<ssize_t>(room.size());
  };
  if (!fill() || ::send(connection, settings.data(), settings.size(), MSG_NOSIGNAL) < 0)
    return;
  for (room.resize(9); fill(); room.resize(9)) {
    const auto type = room[3];
    room.resize(static_cast<std::size_t>(room[0]) << 16U | static_cast<std::size_t>(room[1]) << 8U | room[2]);
    if (!fill())
      return;
    if (type == headers) {
      ++calls_;
      static_cast<void>(::send(connection, goaway.data(), goaway.size(), MSG_NOSIGNAL));
      return;
    }
  }
}

// -- certificates

certificates::certificates() {
  for (const auto* const name : {"one", "other"})
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + std::string{name}
        + " -keyout " + file(name) + ".key -out " + file(name) + ".pem");
  std::ofstream{file("names")} << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
}

void certificates::issue(const std::string& name, const std::string& authority, int days) {
  const auto made = file(name);
  const auto by = file(authority);
  run("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name + " -keyout " + made + ".key.new -out "
      + made + ".csr");
  run("x509 -req -in " + made + ".csr -CA " + by + ".pem -CAkey " + by + ".key -CAcreateserial -days " + std::to_string(days)
      + " -extfile " + file("names") + " -out " + made + ".pem.new");
  std::filesystem::rename(made + ".key.new", made + ".key");
  std::filesystem::rename(made + ".pem.new", made + ".pem");
}

tls_files certificates::files(const std::string& name, const std::string& trusted) const {
  tls_files result;
  if (!trusted.empty())
    result.authorities = authority(trusted);
  if (!name.empty()) {
    result.certificate = file(name + ".pem");
    result.key = file(name + ".key");
  }
  return result;
}

bool certificates::shakes_hands(const std::string& target, const std::string& arguments) const {
  return succeeds("s_client -connect " + target + " " + arguments + " < /dev/null");
}

bool certificates::succeeds(const std::string& command) const {
  const auto whole = "openssl " + command + " > " + file("openssl.log") + " 2>&1";
  return std::system(whole.c_str()) == 0; // NOLINT(concurrency-mt-unsafe,cert-env33-c)
}

void certificates::run(const std::string& command) const {
  if (!succeeds(command)) {
    std::ifstream log{file("openssl.log")};
    throw std::runtime_error("openssl " + command + ": " + std::string{std::istreambuf_iterator<char>{log}, {}});
  }
}

std::string health(bare_client& client, const std::string& service) {
  std::string request;
  if (!service.empty())
    request = std::string{"\x0a"} + static_cast<char>(service.size()) + service;
  const auto answer = client.call_bytes("/grpc.health.v1.Health/Check", request);
  if (answer == "\x08\x01")
    return "SERVING";
  return answer == "\x08\x02" ? "NOT_SERVING" : answer;
}

} // namespace troupe::grpc_test
