#include <troupe/bridges/grpc/engine/channel.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/client_callback.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/rpc_method.h>

#include <troupe/bridges/grpc/engine/callback_threads.hpp>
#include <troupe/bridges/grpc/engine/credentials.hpp>
#include <troupe/bridges/grpc/engine/handover.hpp>
#include <troupe/bridges/grpc/engine/locks.hpp>
#include <troupe/bridges/grpc/engine/rpc_span.hpp>
#include <troupe/bridges/grpc/engine/status.hpp>
#include <troupe/bridges/grpc/metadata.hpp>
#include <troupe/messages/contracts/status.hpp>

namespace troupe::grpc {

namespace {

using metadata_map = std::multimap<::grpc::string_ref, ::grpc::string_ref>;

header_list as_headers(const metadata_map& metadata) {
  header_list result;
  for (const auto& [name, value] : metadata)
    result.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  return result;
}

gpr_timespec from_now(duration within) {
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(within).count();
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(left, GPR_TIMESPAN));
}

/// Whether a connection took the call. Until one does, gRPC names the target, whose scheme is always `dns`.
bool was_taken(const ::grpc::ClientContext& context) {
  return context.peer().rfind("dns:", 0) != 0;
}

/// gRPC reports in words alone what its status codes cannot express. Words that another version does not use leave the
/// failure unchanged.
bool says(const ::grpc::Status& status, std::string_view words) {
  return status.error_message().find(words) != std::string::npos;
}

/// Whether no connection was kept because the peer could not prove its identity. The reason is then extended by our words.
bool distrust(const ::grpc::Status& status, std::string& reason) {
  if (says(status, "certificate verify failed"))
    reason += "; the peer's certificate has expired, or is signed by no authority that is trusted here";
  else if (says(status, "Hostname Verification Check failed"))
    reason += "; the peer's certificate is for another host";
  else
    return false;
  return true;
}

failure why_not(const ::grpc::Status& status, const ::grpc::ClientContext& context, const std::string& target,
                const std::string& unimplemented_hint) {
  auto why = failure_of(status);
  const auto said = why.code;
  why.reason = target + ": " + why.reason;
  if (status.error_code() == ::grpc::StatusCode::RESOURCE_EXHAUSTED
      && (says(status, "message larger than max") || says(status, "metadata size exceeds")))
    why.code = errc::rejected; // either end's bound: the same call will never pass
  else if (status.error_code() == ::grpc::StatusCode::UNIMPLEMENTED
           && !is_from_troupe(as_headers(context.GetServerInitialMetadata())))
    why.reason += unimplemented_hint;
  else if (why.code == errc::unavailable && !was_taken(context))
    why.code = distrust(status, why.reason) ? errc::untrusted : errc::not_sent;
  else if (why.code == errc::unavailable && !is_from_troupe(as_headers(context.GetServerInitialMetadata())))
    why.code = errc::outcome_unknown;
  if (why.code != said)
    why.status.clear(); // it would say less
  else if (why.status.empty() && is_from_troupe(as_headers(context.GetServerInitialMetadata())))
    // The callee's own message, which the caller receives; the callee's address stands in the log alone.
    why.status =
      contracts::status_failure(static_cast<contracts::status_code>(index_of(status.error_code())), status.error_message())
        .status;
  return why;
}

} // namespace

/// What all calls of a channel share.
struct channel::floor {
  struct method {
    std::string span_name;
    handled_calls handled;
  };

  std::string target;
  std::string service; ///< that calls
  std::string unimplemented_hint;
  observer_ptr watcher;
  std::vector<std::unique_ptr<method>> methods;
  counter& withheld; ///< of the watcher
};

/// The methods as one channel of gRPC's knows them.
struct channel::stub {
  std::shared_ptr<::grpc::Channel> through;
  std::vector<::grpc::internal::RpcMethod> methods;
};

class channel::unary_call final : public sent_call, public std::enable_shared_from_this<unary_call> {
public:
  unary_call(std::shared_ptr<floor> shared, std::size_t method, call_context sent, duration within,
             std::shared_ptr<exchange> with, call_ended then)
    : floor_(std::move(shared)),
      method_(*floor_->methods[method]),
      with_(std::move(with)),
      then_(std::move(then)),
      span_(std::in_place, floor_->watcher, method_.span_name, span_kind::client, sent.trace, floor_->service) {
    if (span_->recorded()) {
      describe_rpc(*span_, method_.span_name);
      span_->with("server.address", floor_->target);
    }
    sent.trace = span_->context();
    context_.set_deadline(from_now(within));
    std::string name; // gRPC copies both, which keep their room from one header to the next
    std::string value;
    const auto withheld = encode_context(sent, [&](const header_view& each) {
      name = each.name;
      value = each.value;
      context_.AddMetadata(name, value);
    });
    if (withheld > 0)
      floor_->withheld.add(static_cast<double>(withheld));
    abandoned_ = std::move(sent.abandoned);
  }

  void begin(const stub& at, std::size_t method) {
    to_grpc_.give();
    using google::protobuf::MessageLite;
    ::grpc::internal::CallbackUnaryCall<MessageLite, MessageLite, MessageLite, MessageLite>(
      at.through.get(), at.methods[method], &context_, &with_->request(), &with_->response(),
      [self = shared_from_this()](const ::grpc::Status& status) { self->end(status); });
    // A caller that leaves in this moment has the call cancelled before it is on its way, which gRPC allows.
    watch_.emplace(std::move(abandoned_), canceller{weak_from_this()});
  }

  void cancel() noexcept override { context_.TryCancel(); }

private:
  /// Weak, because it lives in the call; and strong while it works, because the call may end in the middle of it.
  struct canceller {
    std::weak_ptr<unary_call> call;
    void operator()() const noexcept {
      if (const auto found = call.lock())
        found->cancel();
    }
  };

  void end(const ::grpc::Status& status) {
    to_grpc_.take();
    method_.handled.ended(status.error_code(), steady_now() - began_);
    auto why = status.ok() ? read() : why_not(status, context_, floor_->target, floor_->unimplemented_hint);
    span_->with("rpc.grpc.status_code", static_cast<int>(status.error_code()));
    if (why.code != errc::none)
      span_->fail(why);
    span_.reset();
    then_(std::move(with_), std::move(why));
  }

  failure read() {
    if (auto done = with_->read(as_headers(context_.GetServerTrailingMetadata())); !done)
      return {done.error().code, floor_->target + ": " + done.error().reason};
    return {errc::none, {}};
  }

  std::shared_ptr<floor> floor_;
  floor::method& method_;
  std::shared_ptr<exchange> with_;
  call_ended then_;
  std::optional<span> span_;
  const instant began_ = steady_now();
  ::grpc::ClientContext context_;
  std::stop_token abandoned_;
  std::optional<std::stop_callback<canceller>> watch_;
  handover to_grpc_;
};

namespace {

/// The name that a target leads to; empty where that is an address.
std::string name_in(const std::string& target) {
  auto host = target.substr(0, target.rfind(':'));
  host = host.substr(host.rfind('/') + 1); // of dns:///
  const bool bracketed = host.starts_with('[');
  return bracketed || is_literal_address(host) ? std::string{} : host;
}

int milliseconds(duration span) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

::grpc::ChannelArguments arguments_of(const client_config& config) {
  ::grpc::ChannelArguments result;
  result.SetLoadBalancingPolicyName("round_robin");
  result.SetMaxReceiveMessageSize(static_cast<int>(config.receive_bytes));
  result.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE); // which it bounds alone
  result.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(config.keepalive));
  result.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(config.keepalive_timeout));
  // Only with calls under way, and by gRPC's default only twice while nothing else passes: a reference peer cuts off a
  // client that pings an idle connection or pings often. A silence that begins later costs a call its deadline.
  result.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  result.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, milliseconds(config.backoff_min));
  result.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, milliseconds(config.backoff_max));
  // One attempt to connect lasts at least this long by gRPC's default of 20 s, through which a peer that came back elsewhere
  // would not be looked for.
  result.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  result.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1'000);
  result.SetInt(GRPC_ARG_ENABLE_RETRIES, config.unbegun == unbegun_call::sent_again ? 1 : 0);
  result.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1); // retries are decided elsewhere
  // What `http_proxy` and its like lead to is the way out of a cluster, not to a neighbour in it.
  result.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, config.proxy == proxy_use::environment ? 1 : 0);
  if (!config.server_name.empty())
    result.SetSslTargetNameOverride(config.server_name);
  return result;
}

} // namespace

channel::channel(const client_config& config, channel_options options, observer_ptr watcher, current_channel::opener open)
  : service_(options.service),
    host_(name_in(config.target)),
    names_every_(config.names),
    connections_(std::move(open)),
    floor_(new floor{config.target,
                     service_,
                     std::move(options.unimplemented_hint),
                     watcher,
                     {},
                     watcher->make_counter("troupe_grpc_client_metadata_withheld_total",
                                           "Forwarded headers left out of calls because peers would not read them.",
                                           {{"service", service_}, {"target", config.target}})}) {
  for (const auto& each : options.methods) {
    paths_.push_back("/" + each.service + "/" + each.name);
    floor_->methods.push_back(std::unique_ptr<floor::method>{new floor::method{
      each.service + "/" + each.name,
      {watcher,
       "client",
       {{"service", service_}, {"grpc_service", each.service}, {"grpc_method", each.name}, {"target", config.target}}}}});
  }
}

channel::~channel() = default;

std::shared_ptr<sent_call> channel::call(std::size_t method, call_context context, duration within,
                                         std::shared_ptr<exchange> with, call_ended then) {
  std::call_once(watched_, [this] { watch_name(); });
  auto sent = std::make_shared<unary_call>(floor_, method, std::move(context), within, std::move(with), std::move(then));
  sent->begin(*current_stub(), method);
  return sent;
}

void channel::watch_name() {
  const auto move_on = [this] {
    floor_->watcher->log(severity::info, {"grpc", service_}, floor_->target + ": its name has other addresses now");
    connections_.renew();
  };
  if (!host_.empty() && !names_.start([host = host_] { return addresses_of(host); }, names_every_, move_on))
    floor_->watcher->log(severity::warning, {"grpc", service_},
                         floor_->target + ": no thread is left to look for new addresses of the name");
}

std::shared_ptr<const channel::stub> channel::current_stub() {
  const std::scoped_lock lock{guard_};
  if (auto now = connections_.get(); !stub_ || now != stub_->through) {
    auto next = std::make_shared<stub>();
    next->through = std::move(now);
    next->methods.reserve(paths_.size());
    for (const auto& path : paths_)
      next->methods.emplace_back(path.c_str(), ::grpc::internal::RpcMethod::NORMAL_RPC, next->through);
    stub_ = std::move(next);
  }
  return stub_;
}

expected<std::shared_ptr<channel>> channel::open(const client_config& config, channel_options options,
                                                 observer_ptr watcher) {
  const auto target = resolvable(config.target);
  if (!target)
    return target.error();
  const auto credentials = client_credentials(config.tls, config.tls_refresh);
  if (!credentials)
    return credentials.error();
  trust_locks();
  keep_callback_threads();
  return std::shared_ptr<channel>{
    new channel{config, std::move(options), std::move(watcher),
                [target = *target, credentials = *credentials, arguments = arguments_of(config)] {
                  return ::grpc::CreateCustomChannel(target, credentials, arguments);
                }}};
}

} // namespace troupe::grpc
