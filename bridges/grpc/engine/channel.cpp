#include <troupe/bridges/grpc/engine/channel.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include <greeting.grpc.pb.h>
#include <greeting_v3.grpc.pb.h>
#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <troupe/bridges/grpc/engine/arena.hpp>
#include <troupe/bridges/grpc/engine/callback_threads.hpp>
#include <troupe/bridges/grpc/engine/codec.hpp>
#include <troupe/bridges/grpc/engine/credentials.hpp>
#include <troupe/bridges/grpc/engine/current_channel.hpp>
#include <troupe/bridges/grpc/engine/handover.hpp>
#include <troupe/bridges/grpc/engine/locks.hpp>
#include <troupe/bridges/grpc/engine/name_watch.hpp>
#include <troupe/bridges/grpc/metadata.hpp>

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

failure why_not(const ::grpc::Status& status, const ::grpc::ClientContext& context, const std::string& target) {
  failure why{errc_of(status.error_code()), target + ": " + status.error_message()};
  if (status.error_code() == ::grpc::StatusCode::RESOURCE_EXHAUSTED
      && (says(status, "message larger than max") || says(status, "metadata size exceeds")))
    why.code = errc::rejected; // either end's bound: the same call will never pass
  else if (status.error_code() == ::grpc::StatusCode::UNIMPLEMENTED
           && !is_from_troupe(as_headers(context.GetServerInitialMetadata())))
    why.reason += "; where the peer is of a reference platform, node.grpc.package says which of the two it speaks";
  else if (why.code == errc::unavailable && !was_taken(context))
    why.code = distrust(status, why.reason) ? errc::untrusted : errc::not_sent;
  else if (why.code == errc::unavailable && !is_from_troupe(as_headers(context.GetServerInitialMetadata())))
    why.code = errc::outcome_unknown;
  return why;
}

/// What all calls of a channel share.
struct channel_floor {
  std::string target;
  std::string span_name;
  observer_ptr watcher;
  handled_calls handled;
  counter& withheld; ///< of the watcher
};

template <class Service, class Request, class Response>
class sent_call final : public outbound_call, public std::enable_shared_from_this<sent_call<Service, Request, Response>> {
public:
  sent_call(std::shared_ptr<channel_floor> floor, greet ask, duration within, call_ended then)
    : floor_(std::move(floor)),
      then_(std::move(then)),
      span_(std::in_place, floor_->watcher, floor_->span_name, span_kind::client, ask.trace) {
    ask.trace = span_->context();
    context_.set_deadline(from_now(within));
    std::string name; // gRPC copies both, which keep their room from one header to the next
    std::string value;
    const auto withheld = encode_call(ask, [&](const header_view& each) {
      name = each.name;
      value = each.value;
      context_.AddMetadata(name, value);
    });
    if (withheld > 0)
      floor_->withheld.add(static_cast<double>(withheld));
    encode_request(ask, request_);
    abandoned_ = std::move(ask.abandoned);
  }

  void begin(typename Service::Stub& stub) {
    to_grpc_.give();
    stub.async()->Greeting(&context_, &request_, &response_,
                           [self = this->shared_from_this()](const ::grpc::Status& status) { self->end(status); });
    // A caller that leaves in this moment has the call cancelled before it is on its way, which gRPC allows.
    watch_.emplace(std::move(abandoned_), canceller{this->weak_from_this()});
  }

  void cancel() noexcept override { context_.TryCancel(); }

private:
  /// Weak, because it lives in the call; and strong while it works, because the call may end in the middle of it.
  struct canceller {
    std::weak_ptr<sent_call> call;
    void operator()() const noexcept {
      if (const auto found = call.lock())
        found->cancel();
    }
  };

  void end(const ::grpc::Status& status) {
    to_grpc_.take();
    floor_->handled.ended(status.error_code(), steady_now() - began_);
    greeting_answer answer;
    auto why = status.ok() ? read(answer) : why_not(status, context_, floor_->target);
    if (why.code != errc::none)
      span_->fail(why);
    span_.reset();
    then_(std::move(answer), std::move(why));
  }

  failure read(greeting_answer& answer) {
    auto greetings = decode_response(response_);
    if (!greetings)
      return {greetings.error().code, floor_->target + ": " + greetings.error().reason};
    answer.tree.own = std::move(*greetings); // one node: its order is the peer's, which was asked for ours
    answer.missing = decode_trailers(as_headers(context_.GetServerTrailingMetadata()));
    return {errc::none, {}};
  }

  std::shared_ptr<channel_floor> floor_;
  call_ended then_;
  std::optional<span> span_;
  const instant began_ = steady_now();
  ::grpc::ClientContext context_;
  Request request_;
  message_arena arena_;
  Response& response_ = *arena_.make<Response>();
  std::stop_token abandoned_;
  std::optional<std::stop_callback<canceller>> watch_;
  handover to_grpc_;
};

/// What a channel is made with.
struct channel_parts {
  std::string target;
  std::string service;
  std::string host; ///< to be looked up again and again; empty: an address, which is not
  duration names{};
  observer_ptr watcher;
  current_channel::opener open;
};

template <class Service, class Request, class Response>
class typed_channel final : public channel {
public:
  explicit typed_channel(channel_parts parts)
    : parts_(std::move(parts)),
      connections_(parts_.open),
      floor_(new channel_floor{
        parts_.target,
        std::string{Service::service_full_name()} + "/Greeting",
        parts_.watcher,
        {parts_.watcher,
         "client",
         {{"service", parts_.service},
          {"grpc_service", Service::service_full_name()},
          {"grpc_method", "Greeting"},
          {"target", parts_.target}}},
        parts_.watcher->make_counter("troupe_grpc_client_metadata_withheld_total",
                                     "Forwarded headers left out of calls because peers would not read them.",
                                     {{"service", parts_.service}, {"target", parts_.target}})}) {}

  std::shared_ptr<outbound_call> call(greet ask, duration within, call_ended then) override {
    std::call_once(watched_, [this] { watch_name(); });
    auto sent = std::make_shared<sent_call<Service, Request, Response>>(floor_, std::move(ask), within, std::move(then));
    sent->begin(*stub());
    return sent;
  }

private:
  using stub_type = typename Service::Stub;

  void watch_name() {
    if (!parts_.host.empty()
        && !names_.start([host = parts_.host] { return addresses_of(host); }, parts_.names, [this] { move_on(); }))
      parts_.watcher->log(severity::warning, {"grpc", parts_.service},
                          parts_.target + ": no thread is left to look for new addresses of the name");
  }

  void move_on() {
    parts_.watcher->log(severity::info, {"grpc", parts_.service}, parts_.target + ": its name has other addresses now");
    connections_.renew();
  }

  std::shared_ptr<stub_type> stub() {
    const std::scoped_lock lock{guard_};
    if (auto now = connections_.get(); now != stub_of_)
      stub_ = Service::NewStub(stub_of_ = std::move(now));
    return stub_;
  }

  const channel_parts parts_;
  current_channel connections_;
  std::shared_ptr<channel_floor> floor_;
  std::mutex guard_;
  std::shared_ptr<::grpc::Channel> stub_of_;
  std::shared_ptr<stub_type> stub_;
  std::once_flag watched_;
  name_watch names_; // ends first: it calls this
};

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

expected<std::shared_ptr<channel>> channel::open(const client_config& config, const std::string& service,
                                                 observer_ptr watcher) {
  const auto target = resolvable(config.target);
  if (!target)
    return target.error();
  const auto credentials = client_credentials(config.tls, config.tls_refresh);
  if (!credentials)
    return credentials.error();
  trust_locks();
  keep_callback_threads();
  channel_parts parts{config.target,
                      service,
                      name_in(config.target),
                      config.names,
                      std::move(watcher),
                      [target = *target, credentials = *credentials, arguments = arguments_of(config)] {
                        return ::grpc::CreateCustomChannel(target, credentials, arguments);
                      }};
  if (config.contract == package::greeting)
    return std::make_shared<
      typed_channel<::greeting::GreetingService, ::greeting::GreetingRequest, ::greeting::GreetingResponse>>(
      std::move(parts));
  return std::make_shared<
    typed_channel<::greeting::v3::GreetingService, ::greeting::v3::GreetingRequest, ::greeting::v3::GreetingResponse>>(
    std::move(parts));
}

} // namespace troupe::grpc
