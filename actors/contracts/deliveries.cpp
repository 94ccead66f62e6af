#include <troupe/actors/contracts/deliveries.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace troupe {

namespace {

// A batch under way. The deliveries of a key run one after another.
struct batch_run {
  deliveries request;
  replies answer;
  std::vector<std::deque<std::size_t>> keys; ///< the deliveries of each that have not begun
  std::size_t open = 0;                      ///< keys that have not ended
  caf::typed_response_promise<replies> promise;
};

std::vector<std::deque<std::size_t>> by_key(const deliveries& request) {
  std::vector<std::deque<std::size_t>> result;
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i != request.batch.size(); ++i) {
    const auto& key = request.batch[i].content.key;
    const auto at = key ? known.emplace(*key, result.size()).first->second : result.size();
    if (at == result.size())
      result.emplace_back();
    result[at].push_back(i);
  }
  return result;
}

class delivery_state {
public:
  delivery_state(handler_actor::pointer self, delivery_service_config config, const spawn_context& spawned)
    : self_(self),
      config_(std::move(config)),
      path_(spawned.path),
      sender_(self, scope_),
      context_(spawned, config_.links, sender_),
      handle_(config_.make(context_)),
      scope_(self, config_.deliveries) {}

  handler_actor::behavior_type make_behavior() {
    return {[this](deliveries& received) { return handle(std::move(received)); }};
  }

private:
  caf::result<replies> handle(deliveries received) {
    auto run = std::make_shared<batch_run>();
    run->request = std::move(received);
    run->answer.each.assign(run->request.batch.size(), reply{verdict::untouched});
    run->keys = by_key(run->request);
    run->open = run->keys.size();
    run->promise = self_->make_response_promise<replies>();
    if (run->open == 0)
      run->promise.deliver(std::move(run->answer));
    for (std::size_t key = 0; key != run->keys.size(); ++key)
      begin_next(run, key);
    return run->promise;
  }

  void begin_next(const std::shared_ptr<batch_run>& run, std::size_t key) {
    auto& waiting = run->keys[key];
    if (waiting.empty()) {
      if (--run->open == 0)
        run->promise.deliver(std::move(run->answer));
      return;
    }
    const auto index = waiting.front();
    waiting.pop_front();
    scope_.start(handle_one(run, index), [this, run, key, index](expected<reply> outcome) {
      auto& answer = run->answer.each[index];
      answer = outcome ? std::move(*outcome) : failed(std::move(outcome).error());
      if (answer.verdict != verdict::done)
        run->keys[key].clear();
      begin_next(run, key);
    });
  }

  static reply failed(failure why) {
    const auto outcome = is_transient(why.code) ? verdict::retry : verdict::reject;
    return {outcome, std::move(why), {}};
  }

  task<reply> handle_one(std::shared_ptr<batch_run> run, std::size_t index) {
    const auto& received = run->request.batch[index];
    call_context about;
    about.id = derived_uuid(received.content.id, *path_);
    about.trace = received.content.trace;
    about.answer_by = deadline::after(config_.at_most, self_->clock().now());
    about.metadata = received.content.headers;
    delivery_context at{received, std::move(about), context_, config_.into ? &*config_.into : nullptr};
    try {
      auto given = co_await handle_(at);
      if (config_.into && config_.into->actor && !given.results.empty()) {
        publishing sent{{&sender_, config_.into->actor, config_.at_most, publish{std::exchange(given.results, {})}},
                        {errc::none, {}}};
        co_await sent;
      }
      co_return given;
    } catch (const call_failed&) {
      throw;
    } catch (const std::exception& problem) {
      co_return reply{verdict::retry, {errc::actor_failed, problem.what()}, {}};
    }
  }

  handler_actor::pointer self_;
  const delivery_service_config config_;
  std::shared_ptr<const std::string> path_;
  scope_call_sender<handler_actor::impl> sender_;
  service_context context_;
  delivery_task handle_;
  task_scope<handler_actor::impl> scope_; // goes first: its coroutines use all that is above
};

} // namespace

const channel_link& delivery_context::results() const {
  if (results_ == nullptr)
    throw std::logic_error(service() + " has no channel for the messages that its handler gives");
  return *results_;
}

handler_actor spawn_delivery_service(const spawn_context& context, delivery_service_config config) {
  return spawn_supervised<handler_actor, delivery_state>(context, std::move(config), context);
}

} // namespace troupe
