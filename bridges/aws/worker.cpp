#include <troupe/bridges/aws/worker.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::aws {

namespace {

using clock = std::chrono::steady_clock;

} // namespace

worker::worker(config settings, observer_ptr watcher, std::string service, std::string actor, std::uint64_t seed)
  : config_(std::move(settings)),
    service_(std::move(service)),
    actor_(std::move(actor)),
    watcher_(std::move(watcher)),
    attempts_(watcher_->make_counter("troupe_aws_attempts_total", "Secrets asked for at AWS.", {{"service", service_}})),
    retries_(watcher_->make_counter("troupe_aws_retries_total", "Attempts after one that AWS throttled or failed.",
                                    {{"service", service_}})),
    transport_({config_.region, config_.authorities, config_.connect}),
    keeper_(config_,
            [this](const request& outgoing, instant until) {
              return transport_.exchange(outgoing, std::min(until, clock::now() + config_.attempt));
            },
            watcher_, {service_, actor_}),
    seed_(seed),
    thread_([this] { run(); }) {}

worker::~worker() {
  {
    const std::lock_guard lock{guard_};
    stopping_ = true;
  }
  transport_.interrupt();
  changed_.notify_one();
  thread_.join();
  for (auto& each : waiting_)
    end(each, failure{errc::shutting_down, "the process is stopping"});
}

void worker::take(secret_fetch order) {
  const std::lock_guard lock{guard_};
  waiting_.push_back({std::move(order), policies::backoff{config_.again, ++seed_}, clock::now()});
  changed_.notify_one();
}

void worker::run() {
  while (auto queued = next())
    serve(std::move(*queued));
}

// Waits for the read that is due first; nothing once it is to stop.
std::optional<worker::waiting> worker::next() {
  std::unique_lock lock{guard_};
  for (;;) {
    if (stopping_)
      return {};
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = std::ranges::min_element(waiting_, {}, &waiting::due);
    if (const auto due = first->due; due > clock::now()) {
      changed_.wait_until(lock, due);
      continue;
    }
    auto result = std::move(*first);
    waiting_.erase(first);
    return result;
  }
}

void worker::serve(waiting queued) {
  const auto began = clock::now();
  if (began >= queued.order.until) { // the thread was with others, or had no processor
    end(queued, failure{errc::deadline_exceeded, "no time was left to ask AWS"});
    return;
  }
  auto [outcome, retry_after] = try_once(queued.order);
  if (outcome) {
    end(queued, std::move(outcome));
    return;
  }
  queued.order.word->say(outcome.error());
  const auto code = outcome.error().code;
  if (code == errc::unauthenticated && !queued.renewed) { // they may have been renewed since
    queued.renewed = true;
    keeper_.drop();
    put_back(std::move(queued));
    return;
  }
  const auto now = clock::now();
  const auto wait = std::max(queued.backoff.next(now), retry_after);
  if (!is_worth_another_attempt(code) || wait >= queued.order.until - now) {
    end(queued, std::move(outcome));
    return;
  }
  retries_.add();
  queued.due = now + wait;
  put_back(std::move(queued));
}

worker::attempt worker::try_once(const secret_fetch& order) {
  const auto signer = keeper_.get(order.until);
  if (!signer)
    return {signer.error()};
  attempts_.add();
  const auto& url =
    order.reference.keeper == secret_keeper::secrets_manager ? config_.at.secrets_manager : config_.at.parameter_store;
  const auto response =
    transport_.exchange(encode_read(order.reference, url, *signer), std::min(order.until, clock::now() + config_.attempt));
  if (!response)
    return {failure{response.error().code, url + ": " + response.error().reason}};
  return {decode_read(order.reference, *response), response->retry_after};
}

void worker::put_back(waiting queued) {
  const std::lock_guard lock{guard_};
  waiting_.push_back(std::move(queued));
}

void worker::end(waiting& queued, expected<secret_value> outcome) {
  if (!outcome)
    outcome = failure{outcome.error().code, to_string(queued.order.reference) + ": " + outcome.error().reason};
  queued.order.done(std::move(outcome));
}

} // namespace troupe::aws
