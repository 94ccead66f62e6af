#include <troupe/bridges/grpc/engine/call.hpp>

#include <utility>

#include <grpc/support/time.h>

#include <troupe/bridges/grpc/engine/rpc_span.hpp>
#include <troupe/bridges/grpc/engine/status.hpp>

namespace troupe::grpc {

namespace {

std::vector<header_view> metadata_of(const ::grpc::CallbackServerContext& context) {
  std::vector<header_view> result;
  result.reserve(context.client_metadata().size());
  for (const auto& [name, value] : context.client_metadata())
    result.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  return result;
}

/// The time that the caller still gives; none where it set no limit.
std::optional<duration> remaining_of(const ::grpc::CallbackServerContext& context) {
  const auto until = context.raw_deadline();
  if (gpr_time_cmp(until, gpr_inf_future(until.clock_type)) == 0)
    return std::nullopt;
  const auto left = gpr_time_sub(until, gpr_now(until.clock_type));
  return std::chrono::seconds{left.tv_sec} + std::chrono::nanoseconds{left.tv_nsec};
}

} // namespace

// -- call_floor

call_floor::call_floor(const server_config& config, observer_ptr observed_by, random_source source)
  : watcher(std::move(observed_by)),
    random(one_at_a_time(std::move(source))),
    default_deadline(config.deadline),
    refused(watcher->make_counter("troupe_grpc_refused_total", "Calls refused, by reason.",
                                  {{"service", config.service}, {"reason", "in_flight_bound"}})),
    malformed_traces(watcher->make_counter("troupe_grpc_malformed_traces_total",
                                           "Calls whose trace headers were ill formed and ignored.",
                                           {{"service", config.service}})),
    late_answers(watcher->make_counter("troupe_grpc_late_answers_total",
                                       "Answers whose caller had left or had no time left.", {{"service", config.service}})),
    in_flight_gauge_(
      watcher->make_gauge("troupe_grpc_server_in_flight", "Calls that wait for an actor.", {{"service", config.service}})),
    bound_(config.in_flight) {}

bool call_floor::admit() noexcept {
  auto count = in_flight_.load();
  while (count < bound_)
    if (in_flight_.compare_exchange_weak(count, count + 1)) {
      show();
      return true;
    }
  refused.add();
  return false;
}

void call_floor::leave() noexcept {
  --in_flight_;
  show();
}

void call_floor::show() noexcept {
  // The last thread to show looks again afterwards, so that the final value is right.
  for (auto shown = in_flight_.load();; shown = in_flight_.load()) {
    in_flight_gauge_.set(static_cast<double>(shown));
    if (in_flight_ == shown)
      return;
  }
}

void call_floor::ended() noexcept {
  if (--under_way_ > 0)
    return;
  // Under the lock, so that a thread that has just looked is waiting by now.
  const std::scoped_lock lock{guard_};
  emptied_.notify_all();
}

bool call_floor::wait_until_empty(duration at_most) {
  std::unique_lock lock{guard_};
  return emptied_.wait_for(lock, at_most, [this] { return under_way_ == 0; });
}

// -- server_call

std::shared_ptr<served_method> make_served_method(std::shared_ptr<call_floor> all, const server_config& config,
                                                  const std::string& service, const std::string& method) {
  auto watcher = all->watcher;
  return std::shared_ptr<served_method>{new served_method{
    std::move(all),
    service + "/" + method,
    config.service,
    {std::move(watcher), "server", {{"service", config.service}, {"grpc_service", service}, {"grpc_method", method}}}}};
}

server_call::server_call(std::shared_ptr<served_method> method, ::grpc::CallbackServerContext& context)
  : method_(std::move(method)), context_(context), began_(steady_now()) {
  method_->all->begun();
}

void server_call::begin() {
  auto& floor = *method_->all;
  if (!floor.admit())
    return end(failure{errc::overloaded, "too many calls in flight"});
  admission taken{method_->all};
  ending_ = std::make_shared<call_ending>(method_->all);
  auto received = decode_context(metadata_of(context_), floor.random);
  if (!received) {
    ending_->take(); // nobody else has it yet: gRPC reports a caller that left only after `begin`
    return end(std::move(received).error());
  }
  if (received->origin == trace_origin::malformed)
    floor.malformed_traces.add();
  auto& call = received->context;
  span_.emplace(floor.watcher, method_->span_name, span_kind::server, call.trace, method_->service);
  if (span_->recorded())
    describe_rpc(*span_, method_->span_name);
  call.trace = span_->context();
  call.answer_by = deadline::after(remaining_of(context_).value_or(floor.default_deadline), began_);
  call.abandoned = abandoned_.get_token();
  due_ = call.answer_by.at();
  if (auto sent = send(std::move(*received), std::move(taken)); !sent) {
    ending_->take();
    end(std::move(sent).error());
  }
}

void server_call::finish_with(const header_list& trailing) {
  for (const auto& each : trailing)
    context_.AddTrailingMetadata(each.name, each.value);
  finish(::grpc::Status::OK);
}

void server_call::end(failure why) {
  for (const auto& each : encode_trailers(why))
    context_.AddTrailingMetadata(each.name, each.value);
  // The words of an exception are for the operator alone: they may say anything.
  const auto status =
    status_of(why.code == errc::actor_failed ? failure{errc::actor_failed, "the service failed at this call"} : why);
  if (span_)
    span_->fail(std::move(why));
  for (const auto& each : error_metadata())
    context_.AddInitialMetadata(each.name, each.value);
  finish(status);
}

void server_call::finish(const ::grpc::Status& status) {
  method_->handled.ended(status.error_code(), steady_now() - began_);
  if (span_)
    span_->with("rpc.grpc.status_code", static_cast<int>(status.error_code()));
  to_grpc_.give();
  Finish(status); // the last touch: gRPC may be done with this at once
}

void server_call::OnCancel() {
  to_grpc_.take();
  abandoned_.request_stop();
  if (ending_ && ending_->take()) {
    const bool late = remaining_of(context_).value_or(duration::max()) <= duration::zero();
    end(late ? failure{errc::deadline_exceeded, "the time ran out"} : failure{errc::cancelled, "the caller has left"});
  }
}

void server_call::OnDone() {
  to_grpc_.take();
  const auto floor = method_->all;
  delete this;
  floor->ended();
}

} // namespace troupe::grpc
