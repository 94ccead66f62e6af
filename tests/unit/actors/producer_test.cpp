#define CAF_SUITE producer
#include <troupe_test/actors.hpp>

#include <set>

#include <troupe/actors/producer.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

caf::result<published> all_acknowledged(const publish& what) {
  return published{std::vector<failure>(what.messages.size(), failure{errc::none, {}})};
}

struct fixture : actor_fixture {
  fixture() : topic(sys, all_acknowledged) { config.hostname = "host-1"; }

  ~fixture() override {
    if (producer)
      end(producer);
    end(topic.handle());
  }

  void spawn() {
    config.to = topic.handle();
    producer = actors::spawn_producer(context("kafka-demo-a/producer"), config);
    settle();
  }

  std::vector<std::string> payloads() {
    std::vector<std::string> result;
    for (const auto& one : topic.asked())
      for (const auto& each : one.messages)
        result.push_back(each.payload);
    return result;
  }

  std::vector<std::string> ids() {
    std::vector<std::string> result;
    for (const auto& one : topic.asked())
      for (const auto& each : one.messages)
        result.push_back(each.id);
    return result;
  }

  scripted<publish, published> topic;
  actors::producer_config config;
  source_actor producer;
};

using list = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(producer_tests, fixture)

CAF_TEST(a message leaves at once and then in every interval with its number as key) {
  config.every = 10s;
  spawn();
  CAF_CHECK_EQUAL(payloads(), (list{"This is message 0 from host host-1"}));
  pass(9999ms);
  CAF_CHECK_EQUAL(topic.asked().size(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(payloads(), (list{"This is message 0 from host host-1", "This is message 1 from host host-1"}));
  CAF_CHECK(topic.asked()[1].messages[0].key == "1");
}

CAF_TEST(every message has an id and a trace of its own) {
  config.every = duration::zero();
  config.batch = 10;
  config.limit = 100;
  spawn();
  const auto all = ids();
  CAF_CHECK_EQUAL(all.size(), 100u);
  CAF_CHECK_EQUAL(std::set<std::string>(all.begin(), all.end()).size(), 100u);
  CAF_CHECK(topic.asked()[0].messages[0].trace.valid());
}

CAF_TEST(a publish without an answer is repeated under the same ids until it is acknowledged) {
  config.every = 60s;
  topic.answer_with([](const publish&) -> caf::result<published> { return to_error({errc::outcome_unknown, {}}); });
  spawn();
  pass(150ms);
  CAF_CHECK_EQUAL(topic.asked().size(), 2u);
  topic.answer_with(all_acknowledged);
  pass(300ms);
  CAF_CHECK_EQUAL(topic.asked().size(), 3u);
  pass(10s);
  CAF_CHECK_EQUAL(topic.asked().size(), 3u);
  const auto all = ids();
  CAF_CHECK_EQUAL(std::set<std::string>(all.begin(), all.end()).size(), 1u);
}

CAF_TEST(a publish that is not taken for 30 s is reported until it is) {
  config.every = 60s;
  config.channel = "orders";
  topic.answer_with([](const publish&) -> caf::result<published> { return to_error({errc::forbidden, "no"}); });
  const auto where = context("kafka-demo-a/producer");
  config.to = topic.handle();
  producer = actors::spawn_producer(where, config);
  settle();
  for (int second = 0; second < 25; ++second)
    pass(1s);
  CAF_CHECK(where.vitals->held_up_by().empty());
  for (int second = 0; second < 20; ++second)
    pass(1s);
  CAF_CHECK(where.vitals->held_up_by().find("its destination does not take it: forbidden: no") != std::string::npos);
  topic.answer_with(all_acknowledged);
  for (int second = 0; second < 20; ++second)
    pass(1s);
  CAF_CHECK(where.vitals->held_up_by().empty());
}

CAF_TEST(of a publish that was acknowledged in part only the rest is repeated) {
  config.every = 60s;
  config.batch = 3;
  topic.answer_with([](const publish&) {
    return caf::result<published>{published{{{errc::none, {}}, {errc::unavailable, {}}, {errc::rejected, "too large"}}}};
  });
  spawn();
  topic.answer_with(all_acknowledged);
  pass(150ms);
  CAF_REQUIRE_EQUAL(topic.asked().size(), 2u);
  CAF_REQUIRE_EQUAL(topic.asked()[1].messages.size(), 1u);
  CAF_CHECK_EQUAL(topic.asked()[1].messages[0].id, topic.asked()[0].messages[1].id);
}

CAF_TEST(no more publishes are in flight than allowed and the next leaves when one is acknowledged) {
  config.every = duration::zero();
  config.in_flight = 2;
  topic.hold();
  spawn();
  CAF_CHECK_EQUAL(topic.asked().size(), 2u);
  topic.release(published{{{errc::none, {}}}});
  settle();
  CAF_CHECK_EQUAL(topic.asked().size(), 3u);
}

CAF_TEST(a publish whose turn comes while too many are in flight is put off and its number is not lost) {
  config.every = 1s;
  config.in_flight = 1;
  topic.hold();
  spawn();
  pass(1s);
  CAF_CHECK_EQUAL(topic.asked().size(), 1u);
  topic.release(published{{{errc::none, {}}}});
  settle();
  CAF_CHECK_EQUAL(payloads(), (list{"This is message 0 from host host-1", "This is message 1 from host host-1"}));
}

CAF_TEST(a drain waits for what is in flight and sends no more) {
  config.every = 1s;
  topic.hold();
  spawn();
  const auto got = ask_for<drained>(producer, drain{5s});
  CAF_CHECK(got->pending());
  pass(2s);
  CAF_CHECK_EQUAL(topic.asked().size(), 1u);
  topic.release(published{{{errc::none, {}}}});
  settle();
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(got->value->unfinished, 0u);
}

CAF_TEST(a drain that waits in vain says what is unfinished) {
  config.every = 1s;
  topic.hold();
  spawn();
  const auto got = ask_for<drained>(producer, drain{5s});
  pass(5s);
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(got->value->unfinished, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
