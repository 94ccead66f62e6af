#define CAF_SUITE inbound_source
#include <troupe_test/actors.hpp>

#include <functional>
#include <memory>
#include <utility>

#include <troupe/bridges/inbound/source.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// What a consumer's thread shares with its source; the test is the thread.
class idle_link final : public inbound::consumer_link {
public:
  using thread_link::thread_link;

protected:
  void nudge() noexcept override {}
};

struct fixture : troupe_test::actor_fixture {
  fixture() {
    inbound::source_setup setup;
    setup.channel = "orders";
    setup.answer_within = 1s;
    setup.consumer = [this](std::function<void()> wake_actor) {
      thread = std::make_shared<idle_link>(std::move(wake_actor));
      return linked_thread<inbound::consumer_link>{thread, {}};
    };
    source = inbound::spawn_source(watched, std::move(setup), handler.handle(), dead_letters.handle());
    settle();
  }
  ~fixture() { end(source); }

  /// Lets time pass while the thread looks for orders.
  void turn_for(duration span) {
    for (auto passed = 0s; passed < span; passed += 10s) {
      static_cast<void>(thread->take_orders());
      pass(10s);
    }
  }

  spawn_context watched = context("service-t/subscription");
  troupe_test::scripted<deliveries, replies> handler{sys, [](const deliveries&) { return replies{}; }};
  troupe_test::scripted<publish, published> dead_letters{sys, [](const publish&) { return published{}; }};
  std::shared_ptr<inbound::consumer_link> thread;
  source_actor source;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(inbound_source_tests, fixture)

CAF_TEST(a thread that its client library does not return to is reported until it turns again) {
  turn_for(600s);
  CAF_CHECK_EQUAL(watched.vitals->held_up_by(), "");
  pass(80s);
  CAF_CHECK_EQUAL(watched.vitals->held_up_by(), "");
  pass(30s);
  CAF_CHECK(watched.vitals->held_up_by().find("the client library does not return") != std::string::npos);
  turn_for(30s);
  CAF_CHECK_EQUAL(watched.vitals->held_up_by(), "");
}

CAF_TEST(nobody waits for the thread of a source that is drained) {
  const auto answer = ask_for<drained>(source, drain{5s});
  thread->report(inbound::drain_over{0});
  settle();
  CAF_CHECK(answer->value.has_value());
  pass(600s);
  CAF_CHECK_EQUAL(watched.vitals->held_up_by(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
