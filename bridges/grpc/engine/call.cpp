#include <troupe/bridges/grpc/engine/call.hpp>

#include <utility>

#include <grpc/support/time.h>

#include <troupe/bridges/grpc/metadata.hpp>

namespace troupe::grpc {

namespace {

/// Waits for the greeter's answer. It may outlive the call: the ending says whether that is still there.
class ending_reply final : public answer_receiver<greeting_answer> {
public:
  ending_reply(std::shared_ptr<call_ending> right, call& owed, admission taken) noexcept
    : ending_(std::move(right)), call_(&owed), admission_(std::move(taken)) {}

  void answered(const greeting_answer& answer) override {
    if (may_end())
      call_->end(answer);
  }
  void failed(failure why) override {
    if (may_end())
      call_->end(std::move(why));
  }

private:
  bool may_end() {
    if (ending_->take())
      return true;
    ending_->floor().late_answers.add();
    return false;
  }

  std::shared_ptr<call_ending> ending_;
  call* call_; // valid after the ending was taken, until the call has ended
  admission admission_;
};

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

server_ports guarded(server_ports ports) {
  ports.random = one_at_a_time(std::move(ports.random));
  return ports;
}

} // namespace

// -- call_floor

call_floor::call_floor(const server_config& config, server_ports given)
  : ports(guarded(std::move(given))),
    greeter(ports.greeter),
    default_deadline(config.deadline),
    refused(ports.watcher->make_counter("troupe_grpc_refused_total", "Calls refused, by reason.",
                                        {{"service", config.service}, {"reason", "in_flight_bound"}})),
    malformed_traces(ports.watcher->make_counter("troupe_grpc_malformed_traces_total",
                                                 "Calls whose trace headers were ill formed and ignored.",
                                                 {{"service", config.service}})),
    late_answers(ports.watcher->make_counter("troupe_grpc_late_answers_total",
                                             "Answers whose caller had left or had no time left.",
                                             {{"service", config.service}})),
    in_flight_gauge_(ports.watcher->make_gauge("troupe_grpc_server_in_flight", "Calls that wait for an actor.",
                                               {{"service", config.service}})),
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

// -- call

call::call(std::shared_ptr<service_floor> floor, ::grpc::CallbackServerContext& context)
  : floor_(std::move(floor)), context_(context), began_(steady_now()) {
  floor_->all->begun();
}

void call::begin(expected<std::optional<greeting>> caller) {
  if (!floor_->all->admit())
    return end(failure{errc::overloaded, "too many calls in flight"});
  admission taken{floor_->all};
  ending_ = std::make_shared<call_ending>(floor_->all);
  auto received = decode_call(metadata_of(context_), floor_->all->ports.random);
  if (!received || !caller) {
    ending_->take(); // nobody else has it yet: gRPC reports a caller that left only after `begin`
    return end(!received ? received.error() : caller.error());
  }
  if (received->origin == trace_origin::malformed)
    floor_->all->malformed_traces.add();
  received->ask.caller = std::move(*caller);
  send(std::move(received->ask), std::move(taken));
}

void call::send(greet ask, admission taken) {
  span_.emplace(floor_->all->ports.watcher, floor_->span_name, span_kind::server, ask.trace);
  ask.trace = span_->context();
  ask.answer_by = deadline::after(remaining_of(context_).value_or(floor_->all->default_deadline), began_);
  ask.abandoned = abandoned_.get_token();
  order_ = ask.order;
  const auto due = ask.answer_by.at();
  to_grpc_.give();
  // From here on others may end the call; gRPC keeps it at least until `begin` has returned.
  floor_->all->greeter.ask(std::move(ask), due, std::make_unique<ending_reply>(ending_, *this, std::move(taken)),
                           turns::here);
}

void call::end(const greeting_answer& answer) {
  write(answer.tree, order_);
  for (const auto& each : encode_trailers(answer))
    context_.AddTrailingMetadata(each.name, each.value);
  finish(::grpc::Status::OK);
}

void call::end(failure why) {
  for (const auto& each : encode_trailers(why))
    context_.AddTrailingMetadata(each.name, each.value);
  const auto status = status_of(why);
  if (span_)
    span_->fail(std::move(why));
  finish(status);
}

void call::finish(const ::grpc::Status& status) {
  if (!status.ok())
    for (const auto& each : encode_error_metadata(order_))
      context_.AddInitialMetadata(each.name, each.value);
  floor_->handled.ended(status.error_code(), steady_now() - began_);
  to_grpc_.give();
  Finish(status); // the last touch: gRPC may be done with this at once
}

void call::OnCancel() {
  to_grpc_.take();
  abandoned_.request_stop();
  if (ending_ && ending_->take()) {
    const bool late = remaining_of(context_).value_or(duration::max()) <= duration::zero();
    end(late ? failure{errc::deadline_exceeded, "the time ran out"} : failure{errc::cancelled, "the caller has left"});
  }
}

void call::OnDone() {
  to_grpc_.take();
  const auto floor = floor_->all;
  delete this;
  floor->ended();
}

} // namespace troupe::grpc
