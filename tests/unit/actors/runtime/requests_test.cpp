#define CAF_SUITE requests

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <troupe_test/actors.hpp>

#include <troupe/actors/runtime/requests.hpp>
#include <troupe/messages/ports/greeter.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

using scripted_greeter = scripted<greet, greeting_answer>;
using words = std::vector<std::string>;

// Asks a greeter whenever a test says so, and keeps what becomes of it.
struct asker_state {
  asker_state(caf::event_based_actor* me, greeter_actor to, std::shared_ptr<words> log)
    : self(me), target(std::move(to)), heard(std::move(log)) {}

  caf::behavior make_behavior() {
    return {[this](const std::string& name, std::int64_t milliseconds) {
      const auto within = milliseconds < 0 ? std::chrono::nanoseconds::max() : std::chrono::milliseconds{milliseconds};
      pending.ask<greeting_answer>(
        target, within, greet{.call_id = name}, [this, name](const greeting_answer&) { heard->push_back(name); },
        [this, name](const caf::error& why) {
          heard->push_back(name + ' ' + std::string{to_string(to_failure(why).code)});
        });
    }};
  }

  caf::event_based_actor* self;
  greeter_actor target;
  std::shared_ptr<words> heard;
  requests<caf::event_based_actor> pending{self};
};

struct fixture : actor_fixture {
  fixture() {
    asker = sys.spawn<caf::stateful_actor<asker_state>>(greeter.handle(), heard);
    greeter.hold();
  }
  ~fixture() { end(asker); }

  void ask(const std::string& name, std::int64_t milliseconds) {
    caf::anon_send(asker, name, milliseconds);
    settle();
  }

  scripted_greeter greeter{sys, [](const greet&) { return greeting_answer{}; }};
  std::shared_ptr<words> heard = std::make_shared<words>();
  caf::actor asker;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(requests_tests, fixture)

CAF_TEST(an answer in time is heard and no timeout after it) {
  ask("a", 100);
  greeter.release({});
  settle();
  pass(1s);
  CAF_CHECK_EQUAL(*heard, (words{"a"}));
}

CAF_TEST(each request ends by its own timeout whatever their order) {
  ask("late", 300);
  ask("soon", 100);
  ask("between", 200);
  pass(99ms);
  CAF_CHECK_EQUAL(*heard, words{});
  pass(1ms);
  CAF_CHECK_EQUAL(*heard, (words{"soon deadline_exceeded"}));
  pass(100ms);
  pass(100ms);
  CAF_CHECK_EQUAL(*heard, (words{"soon deadline_exceeded", "between deadline_exceeded", "late deadline_exceeded"}));
}

CAF_TEST(an answer after the timeout is dropped) {
  ask("a", 100);
  pass(100ms);
  greeter.release({});
  settle();
  CAF_CHECK_EQUAL(*heard, (words{"a deadline_exceeded"}));
}

CAF_TEST(a request without a limit waits for ever) {
  ask("a", -1);
  pass(std::chrono::hours{1000});
  CAF_CHECK_EQUAL(*heard, words{});
  greeter.release({});
  settle();
  CAF_CHECK_EQUAL(*heard, (words{"a"}));
}

CAF_TEST(requests of a like timeout cost one timer) {
  for (int i = 0; i < 50; ++i) {
    ask("a", 1000);
    greeter.release({});
    settle();
    pass(1ms);
  }
  CAF_CHECK_EQUAL(heard->size(), 50u);
  CAF_CHECK_EQUAL(sched.clock().schedule.size(), 1u);
}

CAF_TEST(an error of the receiver is heard at once) {
  ask("a", 1000);
  greeter.refuse({errc::unavailable, "away"});
  settle();
  CAF_CHECK_EQUAL(*heard, (words{"a unavailable"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
