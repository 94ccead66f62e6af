#define CAF_SUITE task
#include <troupe_test/actors.hpp>

#include <stdexcept>

#include <troupe/actors/runtime/task_scope.hpp>
#include <troupe/messages/ports/publisher.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

message text(std::string content) {
  message result;
  result.payload = std::move(content);
  return result;
}

publish one(std::string content) {
  return {{text(std::move(content))}};
}

published outcome(std::string reason) {
  return {{{errc::none, std::move(reason)}}};
}

// Counts what lives in coroutines: a frame that is not destroyed shows.
struct alive {
  explicit alive(int& count) : count_(&count) { ++count; }
  alive(const alive& other) : alive(*other.count_) {}
  alive& operator=(const alive&) = delete;
  ~alive() { --*count_; }

private:
  int* count_;
};

using self_type = publisher_actor::impl;

// An actor that handles what it is asked by a coroutine of the test's.
class runner_state {
public:
  using body = std::function<task<published>(task_scope<self_type>&, publish)>;

  runner_state(publisher_actor::pointer self, body run, interleaving how) : scope_(self, how), run_(std::move(run)) {}

  publisher_actor::behavior_type make_behavior() {
    return {[this](publish& asked) { return scope_.run(run_(scope_, std::move(asked))); }};
  }

private:
  task_scope<self_type> scope_;
  body run_;
};

struct fixture : actor_fixture {
  publisher_actor runner(runner_state::body run, interleaving how = interleaving::allowed) {
    return spawn_supervised<publisher_actor, runner_state>(context(), std::move(run), how);
  }

  scripted<publish, published> target{sys, [](const publish& asked) { return outcome(asked.messages[0].payload + "!"); }};
  int frames = 0;
};

using runs = task_scope<self_type>;

std::string reason(const std::shared_ptr<answer<published>>& got) {
  return got->value ? got->value->outcomes.at(0).reason : "none";
}

task<int> asked_again(runs& scope, int& frames, publisher_actor target) {
  const alive here{frames};
  co_await scope.sleep(1s);
  const auto got = co_await scope.try_ask<published>(target, 1h, one("inner"));
  co_return got.has_value() ? 1 : 0;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(task_tests, fixture)

CAF_TEST(a coroutine answers with what it returns) {
  const auto it = runner([](runs&, publish asked) -> task<published> { co_return outcome(asked.messages[0].payload); });
  CAF_CHECK_EQUAL(reason(ask_for<published>(it, one("a"))), "a");
  end(it);
}

CAF_TEST(a coroutine goes on with the answers of other actors) {
  const auto it = runner([to = target.handle()](runs& scope, publish asked) -> task<published> {
    const auto first = co_await scope.ask<published>(to, 1s, asked);
    const auto second = co_await scope.ask<published>(to, 1s, one(first.outcomes[0].reason + "?"));
    co_return second;
  });
  CAF_CHECK_EQUAL(reason(ask_for<published>(it, one("a"))), "a!?!");
  end(it);
}

CAF_TEST(coroutines await one another in a chain of any length) {
  struct chain {
    static task<std::uint64_t> sum(std::uint64_t most) {
      std::uint64_t result = 0;
      for (std::uint64_t each = 1; each <= most; ++each)
        result += co_await itself(each);
      co_return result;
    }
    static task<std::uint64_t> itself(std::uint64_t value) { co_return value; }
    static task<std::uint64_t> deep(std::uint64_t levels) {
      if (levels == 0)
        co_return 0;
      const auto below = co_await deep(levels - 1);
      co_return below + 1;
    }
  };
  const auto it = runner([](runs&, publish) -> task<published> {
    const auto sum = co_await chain::sum(300'000);
    const auto depth = co_await chain::deep(300);
    co_return outcome(std::to_string(sum) + " " + std::to_string(depth));
  });
  CAF_CHECK_EQUAL(reason(ask_for<published>(it, one("a"))), "45000150000 300");
  end(it);
}

CAF_TEST(a failure of an awaited request is thrown and answers the caller unless it is caught) {
  target.answer_with([](const publish&) { return to_error({errc::overloaded, "full"}); });
  const auto through = runner([to = target.handle()](runs& scope, publish asked) -> task<published> {
    co_return co_await scope.ask<published>(to, 1s, asked);
  });
  const auto got = ask_for<published>(through, one("a"));
  CAF_REQUIRE(got->error);
  CAF_CHECK_EQUAL(to_string(*got->error), "overloaded: full");
  const auto caught = runner([to = target.handle()](runs& scope, publish asked) -> task<published> {
    const auto tried = co_await scope.try_ask<published>(to, 1s, asked);
    co_return outcome("tried: " + to_string(tried.error()));
  });
  CAF_CHECK_EQUAL(reason(ask_for<published>(caught, one("a"))), "tried: overloaded: full");
  // The actors go on.
  target.answer_with([](const publish&) { return outcome("well"); });
  CAF_CHECK_EQUAL(reason(ask_for<published>(through, one("a"))), "well");
  end(through);
  end(caught);
}

CAF_TEST(a request that is not answered in its time fails and its late answer is dropped) {
  target.hold();
  const auto it = runner([to = target.handle()](runs& scope, publish asked) -> task<published> {
    const auto tried = co_await scope.try_ask<published>(to, 1s, asked);
    co_await scope.sleep(1s);
    co_return outcome(to_string(tried.error().code).data());
  });
  const auto got = ask_for<published>(it, one("a"));
  pass(999ms);
  CAF_CHECK(got->pending());
  pass(1ms);
  target.release(outcome("late"));
  settle();
  CAF_CHECK(got->pending());
  pass(1s);
  CAF_CHECK_EQUAL(reason(got), "deadline_exceeded");
  end(it);
}

CAF_TEST(a coroutine sleeps on the clock of its actor) {
  const auto it = runner([](runs& scope, publish) -> task<published> {
    co_await scope.sleep(3s);
    co_return outcome("awake");
  });
  const auto got = ask_for<published>(it, one("a"));
  pass(2999ms);
  CAF_CHECK(got->pending());
  pass(1ms);
  CAF_CHECK_EQUAL(reason(got), "awake");
  end(it);
}

CAF_TEST(calls run between the suspension points of others unless they run one at a time) {
  const auto order_of = [&](interleaving how) {
    std::string order;
    const auto it = runner(
      [&order](runs& scope, publish asked) -> task<published> {
        const auto name = asked.messages[0].payload;
        order += name + "1 ";
        co_await scope.sleep(1s);
        order += name + "2 ";
        co_return outcome(name);
      },
      how);
    const auto first = ask_for<published>(it, one("a"));
    const auto second = ask_for<published>(it, one("b"));
    pass(1s);
    pass(1s);
    CAF_CHECK_EQUAL(reason(first), "a");
    CAF_CHECK_EQUAL(reason(second), "b");
    end(it);
    return order;
  };
  CAF_CHECK_EQUAL(order_of(interleaving::allowed), "a1 b1 a2 b2 ");
  CAF_CHECK_EQUAL(order_of(interleaving::one_at_a_time), "a1 a2 b1 b2 ");
}

CAF_TEST(one at a time needs no deeper stack for more calls that end at once) {
  std::size_t done = 0;
  const auto it = runner(
    [&done](runs& scope, publish asked) -> task<published> {
      if (asked.messages[0].payload == "first")
        co_await scope.sleep(1s);
      ++done;
      co_return outcome("");
    },
    interleaving::one_at_a_time);
  const auto first = ask_for<published>(it, one("first"));
  for (int each = 0; each < 50'000; ++each)
    send_anonymously(it, one("next"));
  settle();
  CAF_CHECK_EQUAL(done, 0u);
  pass(1s);
  CAF_CHECK_EQUAL(done, 50'001u);
  end(it);
}

CAF_TEST(when an actor ends its coroutines are destroyed where they wait and their callers answered at once) {
  for (std::size_t point = 0; point < 4; ++point) {
    target.hold();
    const auto asked_before = target.asked().size();
    const auto it = runner([this, to = target.handle()](runs& scope, publish asked) -> task<published> {
      const alive here{frames};
      co_await scope.sleep(1s);
      co_await scope.ask<published>(to, 1h, asked);
      co_return outcome(std::to_string(co_await asked_again(scope, frames, to)));
    });
    const auto got = ask_for<published>(it, one("a"));
    if (point >= 1)
      pass(1s);
    if (point >= 2) {
      target.release(outcome("ok"));
      settle();
    }
    if (point >= 3)
      pass(1s);
    CAF_CHECK_EQUAL(frames, point < 2 ? 1 : 2);
    CAF_CHECK(got->pending());
    end(it);
    CAF_CHECK_EQUAL(frames, 0);
    CAF_REQUIRE(got->error);
    CAF_CHECK(got->error->code == errc::actor_failed);
    // What still comes for it meets nobody.
    while (target.held() > 0)
      target.release(outcome("late")), settle();
    pass(2s);
    CAF_CHECK_EQUAL(target.asked().size() - asked_before, point == 0 ? 0u : point < 3 ? 1u : 2u);
  }
}

CAF_TEST(an exception that escapes a coroutine answers its caller and ends the actor with every other call) {
  const auto it = runner([this](runs& scope, publish asked) -> task<published> {
    const alive here{frames};
    co_await scope.sleep(asked.messages[0].payload == "bad" ? 1s : 5s);
    if (asked.messages[0].payload == "bad")
      throw std::runtime_error{"bad luck"};
    co_return outcome("good");
  });
  const auto good = ask_for<published>(it, one("good"));
  const auto bad = ask_for<published>(it, one("bad"));
  CAF_CHECK_EQUAL(frames, 2);
  pass(1s);
  CAF_CHECK_EQUAL(frames, 0);
  CAF_REQUIRE(bad->error);
  CAF_CHECK_EQUAL(to_string(*bad->error), "actor_failed: an exception escaped a handler: bad luck");
  CAF_REQUIRE(good->error);
  CAF_CHECK(good->error->code == errc::actor_failed);
  const auto after = ask_for<published>(it, one("good"));
  CAF_CHECK(after->error.has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
