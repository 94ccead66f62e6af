#include <troupe/bridges/aws/worker.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::aws {

namespace {

using clock = std::chrono::steady_clock;

} // namespace

worker::worker(config told, observer_ptr watcher, std::string service, std::string actor, std::uint64_t seed)
  : config_(std::move(told)),
    service_(std::move(service)),
    actor_(std::move(actor)),
    watcher_(std::move(watcher)),
    attempts_(watcher_->make_counter("troupe_aws_attempts_total", "Secrets asked for at AWS.", {{"service", service_}})),
    retries_(watcher_->make_counter("troupe_aws_retries_total", "Attempts after one that AWS throttled or failed.",
                                    {{"service", service_}})),
    transport_({config_.region, config_.authorities, config_.connect}),
    keeper_(config_,
            [this](const request& what, instant until) {
              return transport_.exchange(what, std::min(until, clock::now() + config_.attempt));
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

void worker::take(errand what) {
  const std::lock_guard lock{guard_};
  waiting_.push_back({std::move(what), policies::backoff{config_.again, ++seed_}, clock::now()});
  changed_.notify_one();
}

void worker::run() {
  while (auto what = next())
    serve(std::move(*what));
}

// Waits for the errand that is due first; nothing once it is to stop.
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

void worker::serve(waiting what) {
  const auto began = clock::now();
  if (began >= what.what.until) { // the thread was with others, or had no processor
    end(what, failure{errc::deadline_exceeded, "no time was left to ask AWS"});
    return;
  }
  auto [outcome, retry_after] = try_once(what.what);
  if (outcome) {
    end(what, std::move(outcome));
    return;
  }
  what.what.word->say(outcome.error());
  const auto code = outcome.error().code;
  if (code == errc::unauthenticated && !what.renewed) { // somebody may have renewed what we still had
    what.renewed = true;
    keeper_.drop();
    put_back(std::move(what));
    return;
  }
  const auto now = clock::now();
  const auto wait = std::max(what.backoff.next(now), retry_after);
  if (!is_worth_another_attempt(code) || wait >= what.what.until - now) {
    end(what, std::move(outcome));
    return;
  }
  retries_.add();
  what.due = now + wait;
  put_back(std::move(what));
}

worker::attempt worker::try_once(const errand& what) {
  const auto signer = keeper_.get(what.until);
  if (!signer)
    return {signer.error()};
  attempts_.add();
  const auto& url =
    what.what.keeper == secret_keeper::secrets_manager ? config_.at.secrets_manager : config_.at.parameter_store;
  const auto told =
    transport_.exchange(encode_read(what.what, url, *signer), std::min(what.until, clock::now() + config_.attempt));
  if (!told)
    return {failure{told.error().code, url + ": " + told.error().reason}};
  return {decode_read(what.what, *told), told->retry_after};
}

void worker::put_back(waiting what) {
  const std::lock_guard lock{guard_};
  waiting_.push_back(std::move(what));
}

void worker::end(waiting& what, expected<secret_value> outcome) {
  if (!outcome)
    outcome = failure{outcome.error().code, to_string(what.what.what) + ": " + outcome.error().reason};
  what.what.done(std::move(outcome));
}

} // namespace troupe::aws
