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
  const timestamp started = parse_timestamp("2026-03-01T09:59:00Z").value();
  const instant began = now();
  duration set_forward{}; // of the clock on the wall
  std::vector<timestamp> due;

  template <class Run>
  source_actor spawn(Run run) {
    timer_config config;
    config.make = runs(std::move(run));
    config.first = 10s;
    config.every = 10s;
    config.links.channels.emplace("ticks", channel_link{channel.handle(), "ticks", "application/json"});
    auto result = spawn_timer(context("clock/timer"), std::move(config));
    settle(); // its first interval begins
    return result;
  }

  // At every full hour. It is 09:59.
  source_actor spawn_scheduled() {
    timer_config config;
    config.make = runs([this](timer_context& at, publishes<Reservation, "ticks"> ticks) -> task<> {
      due.push_back(at.due());
      Reservation tick;
      co_await ticks.publish(tick, at);
    });
    config.next = [](timestamp now) { return std::chrono::floor<std::chrono::hours>(now) + 1h; };
    config.clock = [this] { return started + (now() - began) + set_forward; };
    config.links.channels.emplace("ticks", channel_link{channel.handle(), "ticks", "application/json"});
    auto result = spawn_timer(context("clock/timer"), std::move(config));
    settle();
    return result;
  }

  source_actor spawn_publishing() {
    return spawn([this](timer_context& at, publishes<Reservation, "ticks"> ticks) -> task<> {
      ++begun;
      Reservation tick;
      tick.set_count(static_cast<int>(at.number()) + 1);
      co_await ticks.publish(tick, at);
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

CAF_TEST(a schedule runs when the clock on the wall is there and its runs have ids of their times) {
  const auto first = spawn_scheduled();
  const auto second = spawn_scheduled();
  pass(59s);
  CAF_CHECK(channel.asked().empty());
  pass(1s);
  pass(1h);
  CAF_REQUIRE_EQUAL(channel.asked().size(), 4U);
  const auto id = [this](std::size_t index) { return channel.asked()[index].messages.front().id; };
  CAF_CHECK_EQUAL(id(0), id(1));
  CAF_CHECK_EQUAL(id(2), id(3));
  CAF_CHECK_NOT_EQUAL(id(0), id(2));
  CAF_CHECK_EQUAL(to_rfc3339(due.front()), "2026-03-01T10:00:00Z");
  CAF_CHECK_EQUAL(to_rfc3339(due.back()), "2026-03-01T11:00:00Z");
  end(first);
  end(second);
}

CAF_TEST(times of a schedule that pass while nothing runs are one) {
  const auto tested = spawn_scheduled();
  set_forward = 5h; // the process was suspended
  pass(60s);
  CAF_CHECK_EQUAL(channel.asked().size(), 1U);
  pass(59min);
  CAF_CHECK_EQUAL(channel.asked().size(), 1U);
  pass(60s);
  CAF_CHECK_EQUAL(channel.asked().size(), 2U);
  end(tested);
}

CAF_TEST(a clock that is set back repeats no run) {
  const auto tested = spawn_scheduled();
  pass(60s);
  CAF_CHECK_EQUAL(channel.asked().size(), 1U);
  set_forward = -30min;
  pass(60min);
  CAF_CHECK_EQUAL(channel.asked().size(), 1U);
  pass(30min);
  CAF_CHECK_EQUAL(channel.asked().size(), 2U);
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
