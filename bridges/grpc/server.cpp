#include <troupe/bridges/grpc/server.hpp>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include <grpcpp/completion_queue.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>

#include <troupe/bridges/grpc/engine/acceptor.hpp>
#include <troupe/bridges/grpc/engine/contract_service.hpp>
#include <troupe/bridges/grpc/engine/credentials.hpp>
#include <troupe/bridges/grpc/engine/greeting_service.hpp>
#include <troupe/bridges/grpc/engine/locks.hpp>

namespace troupe::grpc {

namespace {

/// Why a contract cannot be served; none when it can.
std::vector<std::string> mistakes_of(const server_ports& ports) {
  std::vector<std::string> result;
  std::set<std::string> names;
  if (ports.greeter)
    names = {service_2019::name(), service_2021::name()};
  for (const auto& [contract, actor] : ports.contracts) {
    if (!names.insert(contract->full_name()).second)
      result.push_back(contract->full_name() + " is served twice");
    for (int number = 0; number < contract->method_count(); ++number)
      if (const auto& rpc = *contract->method(number); rpc.client_streaming() || rpc.server_streaming())
        result.push_back(rpc.full_name() + " streams, and only unary calls are served");
  }
  return result;
}

int milliseconds(duration span) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

void apply(::grpc::ServerBuilder& builder, const server_config& config) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(config.receive_bytes));
  // gRPC compares that with what was sent, and then inflates it: one message of 1 MiB would fill the memory.
  for (const auto each : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP})
    builder.SetCompressionAlgorithmSupportStatus(each, false);
  // A call whose message has not come is not under the bound yet, and holds 17 KB. Twice the bound, so that clients get
  // refusals instead of waiting. Streams that are reset do not count here, although gRPC 1.51 ends their calls only
  // later.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             static_cast<int>(std::min<std::size_t>(2 * config.in_flight, 1U << 30U)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(config.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(config.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             milliseconds(config.least_ping_interval));
  // A connection that says nothing holds a place for no longer than this; by gRPC's default, for two minutes.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds(config.handshake));
  if (config.connection_age) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, milliseconds(*config.connection_age));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, milliseconds(config.connection_age_grace));
  }
}

std::string joined(const std::vector<std::string>& mistakes) {
  std::string result;
  for (const auto& mistake : mistakes)
    result += (result.empty() ? "" : "; ") + mistake;
  return result;
}

/// From which descriptor on connections would take what the rest of the process needs.
int first_reserved(std::size_t reserved) {
  rlimit limit{};
  if (reserved == 0 || ::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > std::numeric_limits<int>::max())
    return 0;
  return static_cast<int>(limit.rlim_cur) - static_cast<int>(std::min<std::size_t>(reserved, limit.rlim_cur - 1));
}

/// gRPC's switches for the whole process. Servers of others in it are given both services too.
void enable_health_and_reflection() {
  static const bool done = [] {
    ::grpc::EnableDefaultHealthCheckService(true);
    ::grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  static_cast<void>(done);
}

} // namespace

class server::impl {
public:
  impl(const server_config& config, server_ports ports)
    : config_(config), floor_(std::make_shared<call_floor>(config, ports.watcher, std::move(ports.random))) {
    if (ports.greeter) {
      of_2019_.emplace(floor_, config, actor_client<greeter_actor>{ports.greeter, ports.calls});
      of_2021_.emplace(floor_, config, actor_client<greeter_actor>{ports.greeter, ports.calls});
      health_names_.insert(health_names_.end(), {service_2019::name(), service_2021::name()});
    }
    for (const auto& each : ports.contracts)
      health_names_.push_back(contracts_.emplace_back(std::make_unique<contract_service>(floor_, config, each))->name());
  }

  ~impl() {
    if (!server_)
      return;
    stop_accepting();
    server_->Shutdown(std::chrono::system_clock::now()); // cancels what is under way, and waits for it
    const auto end = gpr_inf_future(GPR_CLOCK_REALTIME);
    grpc_completion_queue_next(stopped_.cq(), end, nullptr); // the event that `stop_accepting` asked for
    if (of_2019_) {
      of_2019_->close();
      of_2021_->close();
    }
    for (const auto& each : contracts_)
      each->close();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  expected<void> open() {
    trust_locks();
    const auto credentials = server_credentials(config_.tls, config_.tls_refresh);
    if (!credentials)
      return credentials.error();
    auto sockets = listen_on(config_.listen);
    if (!sockets)
      return sockets.error();
    local_ = {config_.listen.address, sockets->port};
    const acceptor_options options{config_.service, config_.connections, first_reserved(config_.reserved_descriptors),
                                   floor_->watcher};
    acceptor_.emplace(std::move(*sockets), options, [this](int socket) { adopt(socket); });
    enable_health_and_reflection();
    ::grpc::ServerBuilder builder;
    apply(builder, config_);
    using how = ::grpc::ServerBuilder::experimental_type::ExternalConnectionType;
    connections_ = builder.experimental().AddExternalConnectionAcceptor(how::FROM_FD, *credentials);
    if (of_2019_) {
      builder.RegisterService(&*of_2019_);
      builder.RegisterService(&*of_2021_);
    }
    for (const auto& each : contracts_)
      builder.RegisterService(each.get());
    server_ = builder.BuildAndStart();
    if (!server_)
      return failure{errc::internal, "gRPC could not start, and did not say why"};
    // By default gRPC's health service says SERVING; so nobody is accepted until it has been set.
    set_serving(readiness::not_serving);
    return acceptor_->start();
  }

  const endpoint& local() const noexcept { return local_; }

  void set_serving(readiness state) {
    for (const auto& name : health_names_)
      set_serving(name, state);
  }

  void set_serving(const std::string& contract, readiness state) {
    server_->GetHealthCheckService()->SetServingStatus(contract, state == readiness::serving);
  }

  void stop_accepting() {
    if (stopping_.exchange(true))
      return;
    acceptor_->stop();
    // The C++ server's own Shutdown would also begin to wait; this is its first half.
    grpc_server_shutdown_and_notify(server_->c_server(), stopped_.cq(), this);
  }

  bool drain(duration at_most) {
    server_->GetHealthCheckService()->Shutdown();
    stop_accepting();
    return floor_->wait_until_empty(at_most);
  }

private:
  void adopt(int socket) {
    ::grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters given;
    given.fd = socket;
    connections_->HandleNewConnection(&given);
  }

  const server_config config_;
  std::shared_ptr<call_floor> floor_;
  std::optional<service_2019> of_2019_;
  std::optional<service_2021> of_2021_;
  std::vector<std::unique_ptr<contract_service>> contracts_;
  std::vector<std::string> health_names_{""}; // that the health service knows
  ::grpc::CompletionQueue stopped_;           // where gRPC reports that no call is left after `stop_accepting`
  std::atomic<bool> stopping_{false};
  endpoint local_;
  std::unique_ptr<::grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<::grpc::Server> server_; // its threads are in the services
  std::optional<acceptor> acceptor_;       // goes first: its thread is in the server
};

server::server(std::unique_ptr<impl> body) : impl_(std::move(body)) {}

server::~server() = default;

expected<std::unique_ptr<server>> server::listen(const server_config& config, server_ports ports) {
  auto mistakes = validate(config);
  std::ranges::move(mistakes_of(ports), std::back_inserter(mistakes));
  if (!mistakes.empty())
    return failure{errc::invalid, joined(mistakes)};
  auto body = std::make_unique<impl>(config, std::move(ports));
  if (auto opened = body->open(); !opened)
    return opened.error();
  return std::unique_ptr<server>{new server{std::move(body)}};
}

endpoint server::local() const {
  return impl_->local();
}

void server::set_serving(readiness state) {
  impl_->set_serving(state);
}

void server::set_serving(const std::string& contract, readiness state) {
  impl_->set_serving(contract, state);
}

void server::stop_accepting() {
  impl_->stop_accepting();
}

bool server::drain(duration at_most) {
  return impl_->drain(at_most);
}

} // namespace troupe::grpc
