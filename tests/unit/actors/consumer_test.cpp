#define CAF_SUITE consumer
#include <troupe_test/actors.hpp>

#include <troupe/actors/consumer.hpp>

#include "../../contract/recording_observer.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

using scripted_handler = scripted<deliveries, replies>;

caf::result<replies> all(const deliveries& what, reply with) {
  return replies{std::vector<reply>(what.batch.size(), with), {}};
}

const reply away{verdict::retry, {errc::unavailable, "the store is away"}};

struct fixture : actor_fixture {
  fixture() : handler(sys, [](const deliveries& what) { return all(what, {}); }) {
    consumer = actors::spawn_consumer(unsupervised(sys, "service-f/consumer", watcher),
                                      {.handler = handler.handle(), .retry = {}, .breaker = {}});
  }

  ~fixture() override {
    end(consumer);
    end(handler.handle());
  }

  static deliveries batch(std::size_t size) {
    deliveries result;
    for (std::size_t n = 0; n != size; ++n) {
      delivery one;
      one.from = {"queue", 0, static_cast<std::int64_t>(n)};
      one.content.id = "m" + std::to_string(n);
      result.batch.push_back(std::move(one));
    }
    return result;
  }

  auto consume(std::size_t size = 1) { return ask_for<replies>(consumer, batch(size)); }

  // Lets a batch fail through all its attempts.
  auto exhaust() {
    auto result = consume();
    pass(100ms);
    pass(200ms);
    pass(400ms);
    return result;
  }

  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  scripted_handler handler;
  handler_actor consumer;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(consumer_tests, fixture)

CAF_TEST(a batch that is done is answered done) {
  const auto got = consume(3);
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->each == std::vector<reply>(3, reply{}));
  CAF_CHECK(!got->value->pause);
  CAF_CHECK_EQUAL(handler.asked().size(), 1u);
}

CAF_TEST(an empty batch is answered at once) {
  const auto got = consume(0);
  CAF_REQUIRE(got->value);
  CAF_CHECK(handler.asked().empty());
}

CAF_TEST(a transient failure is retried in place three times and then left to the source) {
  handler.answer_with([](const deliveries& what) { return all(what, away); });
  const auto got = consume();
  CAF_CHECK_EQUAL(handler.asked().size(), 1u);
  pass(99ms);
  CAF_CHECK_EQUAL(handler.asked().size(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(handler.asked().size(), 2u);
  pass(200ms);
  CAF_CHECK_EQUAL(handler.asked().size(), 3u);
  CAF_CHECK(got->pending());
  pass(400ms);
  CAF_CHECK_EQUAL(handler.asked().size(), 4u);
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->each == std::vector<reply>{away});
  CAF_CHECK(!got->value->pause);
}

CAF_TEST(a retry that succeeds is answered done) {
  handler.answer_with([](const deliveries& what) { return all(what, away); });
  const auto got = consume();
  handler.answer_with([](const deliveries& what) { return all(what, {}); });
  pass(100ms);
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->each == std::vector<reply>{reply{}});
}

CAF_TEST(a handler that throws has its batch run again singly) {
  handler.answer_with([](const deliveries& what) -> caf::result<replies> {
    for (const auto& one : what.batch)
      if (one.content.id == "m1")
        return to_error({errc::actor_failed, "it threw"});
    return all(what, {});
  });
  const auto got = consume(3);
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->each[0].verdict == verdict::done);
  CAF_CHECK(got->value->each[1].verdict == verdict::retry);
  CAF_CHECK(got->value->each[2].verdict == verdict::done);
  CAF_CHECK_EQUAL(handler.asked().size(), 4u);
}

CAF_TEST(a handler that never answers costs its timeout) {
  handler.hold();
  const auto got = consume();
  pass(29s);
  CAF_CHECK_EQUAL(handler.asked().size(), 1u);
  pass(1s);
  handler.stop_holding();
  pass(100ms);
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->each[0].verdict == verdict::done);
}

CAF_TEST(five failures in a row open the breaker and what is not done then costs no attempt and the source is asked to hold) {
  handler.answer_with([](const deliveries& what) { return all(what, away); });
  exhaust();
  const auto got = consume();
  CAF_CHECK_EQUAL(handler.asked().size(), 5u);
  pass(100ms);
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(handler.asked().size(), 5u);
  CAF_CHECK(got->value->each[0].verdict == verdict::untouched);
  CAF_REQUIRE(got->value->pause);
  CAF_CHECK(got->value->pause->pause == 15s - 100ms);
  CAF_CHECK_EQUAL(got->value->pause->probe, 1u);
}

CAF_TEST(an open breaker lets one probe through after its time and closes when that is done) {
  handler.answer_with([](const deliveries& what) { return all(what, away); });
  exhaust();
  consume();
  pass(100ms);
  const auto refused = consume();
  CAF_REQUIRE(refused->value);
  CAF_CHECK(refused->value->each[0].verdict == verdict::untouched);
  CAF_CHECK_EQUAL(handler.asked().size(), 5u);
  pass(15s);
  handler.answer_with([](const deliveries& what) { return all(what, {}); });
  handler.hold();
  const auto probe = consume();
  const auto second = consume();
  CAF_CHECK_EQUAL(handler.asked().size(), 6u);
  CAF_REQUIRE(second->value);
  CAF_CHECK(second->value->each[0].verdict == verdict::untouched);
  CAF_CHECK(second->value->pause.has_value());
  handler.release(replies{{reply{}}, {}});
  settle();
  CAF_REQUIRE(probe->value);
  CAF_CHECK(probe->value->each[0].verdict == verdict::done);
  CAF_CHECK(!probe->value->pause);
}

CAF_TEST(the time from request to answer is measured for each attempt) {
  handler.hold();
  const auto got = consume(3);
  pass(250ms);
  handler.release(replies{std::vector<reply>(3, away), {}});
  settle();
  CAF_CHECK(watcher->observed("troupe_consumer_handling_seconds") == std::vector<double>{0.25});
  handler.stop_holding();
  pass(100ms);
  CAF_REQUIRE(got->value);
  CAF_CHECK(watcher->observed("troupe_consumer_handling_seconds") == (std::vector<double>{0.25, 0}));
}

CAF_TEST(permanent failures never open the breaker) {
  handler.answer_with([](const deliveries& what) { return all(what, {verdict::reject, {errc::undecodable, "bytes"}}); });
  for (int n = 0; n != 10; ++n) {
    const auto got = consume();
    CAF_REQUIRE(got->value);
    CAF_CHECK(got->value->each[0].verdict == verdict::reject);
    CAF_CHECK(!got->value->pause);
  }
}

CAF_TEST(while a fault pauses it nothing is handled and the source is asked to hold and to ask again soon) {
  const auto pause = std::make_shared<policies::fault_switch>();
  const auto paused = actors::spawn_consumer(unsupervised(sys, "service-f/paused", watcher),
                                             {.handler = handler.handle(), .retry = {}, .breaker = {}, .pause = pause});
  pause->turn_on(now() + 10s);
  const auto held = ask_for<replies>(paused, batch(2));
  CAF_REQUIRE(held->value);
  CAF_CHECK(held->value->each == std::vector<reply>(2, reply{verdict::untouched}));
  CAF_CHECK(held->value->pause == (hold{1s, 1}));
  CAF_CHECK(handler.asked().empty());
  pass(10s);
  const auto over = ask_for<replies>(paused, batch(2));
  CAF_REQUIRE(over->value);
  CAF_CHECK(over->value->each == std::vector<reply>(2, reply{}));
  CAF_CHECK(!over->value->pause);
  end(paused);
}

CAF_TEST_FIXTURE_SCOPE_END()
