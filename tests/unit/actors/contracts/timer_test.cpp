#define CAF_SUITE timer
#include <troupe_test/actors.hpp>

#include <stdexcept>

#include <troupe/actors/contracts/timer.hpp>
#include <troupe/messages/values/drain.hpp>

#include "shop.troupe.hpp"

using namespace troupe;
using namespace troupe_test;
using namespace troupe_test::shop;

namespace {

struct fixture : actor_fixture {
  scripted<publish, published> channel{sys, [](const publish&) { return published{{{errc::none, {}}}}; }};
  int begun = 0;

  source_actor spawn(std::function<task<>(timer_context&)> run) {
    timer_config config;
    config.run = std::move(run);
    config.every = 10s;
    config.links.channels.emplace("ticks", channel_link{channel.handle(), "ticks", "application/json"});
    auto result = spawn_timer(context("clock/timer"), std::move(config));
    settle(); // its first interval begins
    return result;
  }

  source_actor spawn_publishing() {
    return spawn([this](timer_context& at) -> task<> {
      ++begun;
      Reservation tick;
      tick.set_count(static_cast<int>(at.number()) + 1);
      co_await at.publishes<Reservation>("ticks").publish(tick, at);
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(timer_tests, fixture)

CAF_TEST(a timer runs at its interval under ids of its own) {
  const auto tested = spawn_publishing();
  CAF_CHECK_EQUAL(begun, 0);
  pass(10s);
  pass(10s);
  CAF_REQUIRE_EQUAL(channel.asked().size(), 2U);
  const auto& first = channel.asked()[0].messages.front();
  const auto& second = channel.asked()[1].messages.front();
  CAF_CHECK_EQUAL(first.payload, R"({"count":1})");
  CAF_CHECK_EQUAL(second.payload, R"({"count":2})");
  CAF_CHECK_NOT_EQUAL(first.id, second.id);
  end(tested);
}

CAF_TEST(a run that is due while another is under way is left out) {
  channel.hold();
  const auto tested = spawn_publishing();
  pass(10s);
  pass(10s);
  CAF_CHECK_EQUAL(begun, 1);
  channel.release({{{errc::none, {}}}});
  settle();
  pass(10s);
  CAF_CHECK_EQUAL(begun, 2);
  end(tested);
}

CAF_TEST(a run that fails or throws ends alone) {
  channel.answer_with([](const publish&) -> caf::result<published> { return to_error({errc::unavailable, "away"}); });
  const auto tested = spawn_publishing();
  pass(10s);
  pass(10s);
  CAF_CHECK_EQUAL(begun, 2);
  const auto throwing = spawn([this](timer_context&) -> task<> {
    ++begun;
    throw std::runtime_error("a broken invariant");
    co_return;
  });
  pass(10s);
  pass(10s);
  CAF_CHECK_EQUAL(begun, 6);
  end(throwing);
  end(tested);
}

CAF_TEST(a drain lets the run under way end and begins no other) {
  channel.hold();
  const auto tested = spawn_publishing();
  pass(10s);
  const auto left = ask_for<drained>(tested, drain{30s});
  CAF_CHECK(left->pending());
  channel.release({{{errc::none, {}}}});
  settle();
  CAF_REQUIRE(left->value);
  CAF_CHECK_EQUAL(left->value->unfinished, 0U);
  pass(10s);
  CAF_CHECK_EQUAL(begun, 1);
  end(tested);
}

CAF_TEST_FIXTURE_SCOPE_END()
