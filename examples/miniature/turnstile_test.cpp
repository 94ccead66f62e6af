#define CAF_SUITE miniature_turnstile
#include <troupe_test/actors.hpp>

#include "turnstile.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

struct fixture : actor_fixture {
  scripted<greet, greeting_answer> behind{sys, [](const greet&) { return greeting_answer{}; }};
  greeter_actor tested = miniature::spawn_turnstile(context(), {.to = behind.handle(), .quota = {.calls = 1, .window = 1s}});

  ~fixture() { end(tested); }

  auto call() { return ask_for<greeting_answer>(tested, greet{.call_id = "call"}); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(turnstile_tests, fixture)

CAF_TEST(a call within the quota is answered by the greeter behind) {
  const auto got = call();
  CAF_CHECK(got->value.has_value());
  CAF_REQUIRE_EQUAL(behind.asked().size(), 1u);
  CAF_CHECK_EQUAL(behind.asked().front().call_id, "call");
}

CAF_TEST(a call beyond the quota is refused at once and the next window lets one through) {
  call();
  const auto refused = call();
  CAF_REQUIRE(refused->error.has_value());
  CAF_CHECK_EQUAL(refused->error->code, errc::overloaded);
  CAF_CHECK_EQUAL(behind.asked().size(), 1u);
  pass(1s);
  CAF_CHECK(call()->value.has_value());
}

CAF_TEST(a failure of the greeter behind reaches the caller) {
  behind.answer_with([](const greet&) { return to_error({errc::unavailable, "away"}); });
  CAF_CHECK(call()->error == (failure{errc::unavailable, "away"}));
}

CAF_TEST(a call without a deadline is given up after the default one) {
  behind.hold();
  const auto late = call();
  pass(4999ms);
  CAF_CHECK(late->pending());
  pass(1ms);
  CAF_REQUIRE(late->error.has_value());
  CAF_CHECK_EQUAL(late->error->code, errc::deadline_exceeded);
  behind.release({});
  settle();
}

CAF_TEST_FIXTURE_SCOPE_END()
