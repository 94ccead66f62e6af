#define CAF_SUITE supervised_handle
#include <troupe_test/actors.hpp>

#include <troupe/actors/supervised_handle.hpp>
#include <troupe/messages/ports/greeter.hpp>

using namespace troupe;
using namespace troupe_test;
using actors::supervised_handle;

namespace {

struct fixture : actor_fixture {
  fixture()
    : address(supervised_handle::make(sys, 2, {overloaded, away, cut})),
      behind(sys, [](const greet&) { return greeting_answer{}; }) {}

  ~fixture() override {
    supervised_handle::of(address).refuse(errc::shutting_down);
    end(behind.handle());
  }

  auto call(std::string id) {
    return ask_for<greeting_answer>(caf::actor_cast<greeter_actor>(address), greet{.call_id = std::move(id)});
  }

  std::vector<std::string> served() {
    std::vector<std::string> result;
    for (const auto& one : behind.asked())
      result.push_back(one.call_id);
    return result;
  }

  void connect() { supervised_handle::of(address).connect(caf::actor_cast<caf::strong_actor_ptr>(behind.handle())); }

  struct tally final : counter {
    void add(double amount) noexcept override { sum += amount; }
    double sum = 0;
  };

  tally overloaded;
  tally away;
  tally cut;
  caf::strong_actor_ptr address;
  scripted<greet, greeting_answer> behind;
};

using list = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(door_tests, fixture)

CAF_TEST(a handle forwards messages and the incarnation answers the sender) {
  connect();
  CAF_CHECK(call("1")->value.has_value());
  CAF_CHECK_EQUAL(served(), (list{"1"}));
}

CAF_TEST(a disconnected handle keeps messages in order for the next incarnation) {
  call("1");
  call("2");
  CAF_CHECK_EQUAL(supervised_handle::of(address).stashed(), 2u);
  connect();
  settle();
  call("3");
  CAF_CHECK_EQUAL(served(), (list{"1", "2", "3"}));
  CAF_CHECK_EQUAL(supervised_handle::of(address).stashed(), 0u);
}

CAF_TEST(a full stash refuses and counts what it refused) {
  call("1");
  call("2");
  const auto third = call("3");
  CAF_REQUIRE(third->error);
  CAF_CHECK(third->error->code == errc::overloaded);
  CAF_CHECK_EQUAL(overloaded.sum, 1.0);
  CAF_CHECK_EQUAL(away.sum, 0.0);
}

CAF_TEST(a handle that refuses answers those who wait and those who come until an incarnation is connected again) {
  const auto waiting = call("1");
  supervised_handle::of(address).refuse(errc::unavailable);
  settle();
  CAF_REQUIRE(waiting->error);
  CAF_CHECK(waiting->error->code == errc::unavailable);
  const auto late = call("2");
  CAF_REQUIRE(late->error);
  CAF_CHECK_EQUAL(away.sum, 2.0);
  CAF_CHECK_EQUAL(overloaded.sum, 0.0);
  connect();
  CAF_CHECK(call("3")->value.has_value());
  CAF_CHECK_EQUAL(served(), (list{"3"}));
}

CAF_TEST(what is held waits also for a new incarnation and goes on in order when it is restored) {
  connect();
  auto& tested = supervised_handle::of(address);
  tested.hold();
  const auto first = call("1");
  CAF_CHECK(first->pending());
  connect();
  settle();
  CAF_CHECK(first->pending());
  CAF_CHECK_EQUAL(tested.stashed(), 1u);
  tested.pass();
  settle();
  CAF_CHECK(first->value.has_value());
  const auto second = call("2");
  CAF_CHECK(second->pending());
  tested.restore();
  settle();
  CAF_CHECK(second->value.has_value());
  call("3");
  CAF_CHECK_EQUAL(served(), (list{"1", "2", "3"}));
}

CAF_TEST(what is held is bounded like a stash) {
  connect();
  supervised_handle::of(address).hold();
  call("1");
  call("2");
  const auto third = call("3");
  CAF_REQUIRE(third->error);
  CAF_CHECK(third->error->code == errc::overloaded);
}

CAF_TEST(who is cut off is answered at once until it is restored) {
  connect();
  auto& tested = supervised_handle::of(address);
  tested.hold();
  const auto waiting = call("1");
  tested.cut();
  settle();
  const auto late = call("2");
  for (const auto& each : {waiting, late}) {
    CAF_REQUIRE(each->error);
    CAF_CHECK(each->error->code == errc::unavailable);
  }
  CAF_CHECK_EQUAL(cut.sum, 2.0);
  CAF_CHECK_EQUAL(away.sum, 0.0);
  tested.restore();
  CAF_CHECK(call("3")->value.has_value());
  CAF_CHECK_EQUAL(served(), (list{"3"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
