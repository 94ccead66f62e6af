#include <troupe/actors/handler.hpp>

#include <exception>
#include <utility>

#include <troupe/actors/key_runs.hpp>

namespace troupe::actors {

namespace {

class handler_state {
public:
  handler_state(handler_actor::pointer /*self*/, delivery_function handle) : handle_(std::move(handle)) {}

  handler_actor::behavior_type make_behavior() {
    return {[this](const deliveries& received) { return handle_all(received); }};
  }

private:
  caf::result<replies> handle_all(const deliveries& received) const {
    replies result;
    result.each.reserve(received.batch.size());
    key_runs runs;
    for (const auto& one : received.batch) {
      result.each.push_back(runs.stopped(one) ? reply{verdict::untouched} : handle_one(one));
      if (result.each.back().verdict != verdict::done)
        runs.stop(one);
    }
    return result;
  }

  [[nodiscard]] reply handle_one(const delivery& one) const {
    try {
      return handle_(one);
    } catch (const std::exception& problem) {
      return {verdict::retry, {errc::actor_failed, problem.what()}};
    } catch (...) {
      return {verdict::retry, {errc::actor_failed, "the handler threw"}};
    }
  }

  delivery_function handle_;
};

} // namespace

handler_actor spawn_handler(const spawn_context& context, delivery_function handle) {
  return spawn_supervised<handler_actor, handler_state>(context, std::move(handle));
}

} // namespace troupe::actors
