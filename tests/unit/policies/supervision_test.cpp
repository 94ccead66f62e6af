#define CAF_SUITE supervision
#include <troupe_test/suite.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include <troupe/policies/supervision.hpp>

using namespace troupe;
using namespace troupe::policies;
using namespace std::chrono_literals;

namespace {

using action = supervision_command::action;

const instant start{1h};

// "start 0, stop 1, wake, finished": what is to be done, without the times.
std::string text_of(const supervision::commands& what) {
  std::string result;
  for (const auto& one : what) {
    result += result.empty() ? "" : ", ";
    switch (one.step) {
      case action::start:
        result += "start " + std::to_string(one.child);
        break;
      case action::stop:
        result += "stop " + std::to_string(one.child);
        break;
      case action::wake:
        result += "wake";
        break;
      case action::give_up:
        result += "give up";
        break;
      case action::finished:
        result += "finished";
        break;
    }
  }
  return result;
}

supervision make(restart_strategy strategy, std::vector<child_policy> children) {
  supervision_config config;
  config.strategy = strategy;
  config.backoff.jitter = 0;
  return supervision{config, std::move(children), 1};
}

} // namespace

CAF_TEST(all children start in order and stop one after the other in reverse) {
  auto decide = make(restart_strategy::one_for_one, {{}, {}, {}});
  CAF_CHECK_EQUAL(text_of(decide.begin(start)), "start 0, start 1, start 2");
  CAF_CHECK_EQUAL(text_of(decide.stop(start)), "stop 2");
  CAF_CHECK_EQUAL(text_of(decide.ended(2, ending::normal, start)), "stop 1");
  CAF_CHECK_EQUAL(text_of(decide.ended(1, ending::abnormal, start)), "stop 0");
  CAF_CHECK_EQUAL(text_of(decide.ended(0, ending::normal, start)), "finished");
  CAF_CHECK(decide.state(0) == child_state::stopped);
}

CAF_TEST(a supervisor without children finishes at once) {
  auto decide = make(restart_strategy::one_for_one, {});
  CAF_CHECK_EQUAL(text_of(decide.begin(start)), "");
  CAF_CHECK_EQUAL(text_of(decide.stop(start)), "finished");
  CAF_CHECK_EQUAL(text_of(decide.stop(start)), "");
}

CAF_TEST(a restart waits for its backoff and the wake says until when) {
  auto decide = make(restart_strategy::one_for_one, {{}, {}});
  decide.begin(start);
  const auto wait = decide.ended(0, ending::abnormal, start);
  CAF_CHECK_EQUAL(text_of(wait), "wake");
  CAF_CHECK(wait[0].at == start + 200ms);
  CAF_CHECK_EQUAL(text_of(decide.tick(start + 199ms)), "wake");
  CAF_CHECK_EQUAL(text_of(decide.tick(start + 200ms)), "start 0");
}

CAF_TEST(one for all stops every sibling in reverse before all start again in order) {
  auto decide = make(restart_strategy::one_for_all, {{}, {}, {}});
  decide.begin(start);
  CAF_CHECK_EQUAL(text_of(decide.ended(1, ending::abnormal, start)), "stop 2");
  CAF_CHECK_EQUAL(text_of(decide.tick(start + 1s)), "");
  CAF_CHECK_EQUAL(text_of(decide.ended(2, ending::normal, start + 1s)), "stop 0");
  CAF_CHECK_EQUAL(text_of(decide.ended(0, ending::normal, start + 1s)), "start 0, start 1, start 2");
}

CAF_TEST(rest for one leaves those before the failed child alone) {
  auto decide = make(restart_strategy::rest_for_one, {{}, {}, {}});
  decide.begin(start);
  CAF_CHECK_EQUAL(text_of(decide.ended(1, ending::abnormal, start)), "stop 2");
  CAF_CHECK(decide.state(0) == child_state::running);
  CAF_CHECK_EQUAL(text_of(decide.ended(2, ending::normal, start + 1s)), "start 1, start 2");
}

CAF_TEST(a sibling that fails while it waits to be stopped joins the same restart) {
  auto decide = make(restart_strategy::one_for_all, {{}, {}, {}});
  decide.begin(start);
  CAF_CHECK_EQUAL(text_of(decide.ended(0, ending::abnormal, start)), "stop 2");
  CAF_CHECK_EQUAL(text_of(decide.ended(1, ending::abnormal, start)), "");
  CAF_CHECK_EQUAL(text_of(decide.ended(2, ending::normal, start)), "wake");
  CAF_CHECK_EQUAL(text_of(decide.tick(start + 1s)), "start 0, start 1, start 2");
}

CAF_TEST(more restarts than the intensity allows stop the others and give up) {
  auto decide = make(restart_strategy::one_for_one, {{}, {}});
  decide.begin(start);
  auto now = start;
  for (int n = 0; n != 5; ++n) {
    CAF_CHECK_EQUAL(text_of(decide.ended(0, ending::abnormal, now)), "wake");
    now += 8s;
    CAF_CHECK_EQUAL(text_of(decide.tick(now)), "start 0");
  }
  CAF_CHECK_EQUAL(text_of(decide.ended(0, ending::abnormal, now)), "stop 1");
  CAF_CHECK(decide.is_ending());
  CAF_CHECK(decide.state(0) == child_state::failed);
  CAF_CHECK_EQUAL(text_of(decide.ended(1, ending::normal, now)), "give up");
}

CAF_TEST(an exhausted child is tried again later where its policy says so and costs no intensity) {
  auto decide = make(restart_strategy::one_for_all, {{restart_kind::permanent, exhaustion::retry}, {}});
  decide.begin(start);
  auto now = start;
  for (int n = 0; n != 20; ++n) {
    const auto wait = decide.ended(0, ending::exhausted, now);
    CAF_CHECK_EQUAL(text_of(wait), "wake");
    CAF_CHECK(wait[0].at == now + 30s);
    CAF_CHECK(decide.state(0) == child_state::failed);
    CAF_CHECK(decide.state(1) == child_state::running);
    now += 30s;
    CAF_CHECK_EQUAL(text_of(decide.tick(now)), "start 0");
    now += 1ms;
  }
}

CAF_TEST(an exhausted child escalates where its policy says so) {
  auto decide = make(restart_strategy::one_for_one, {{restart_kind::permanent, exhaustion::escalates}, {}});
  decide.begin(start);
  CAF_CHECK_EQUAL(text_of(decide.ended(0, ending::exhausted, start)), "stop 1");
  CAF_CHECK_EQUAL(text_of(decide.ended(1, ending::normal, start)), "give up");
}

CAF_TEST(a pending restart is cancelled by a stop) {
  auto decide = make(restart_strategy::one_for_one, {{}});
  decide.begin(start);
  decide.ended(0, ending::abnormal, start);
  CAF_CHECK_EQUAL(text_of(decide.stop(start)), "finished");
  CAF_CHECK_EQUAL(text_of(decide.tick(start + 1s)), "");
}

CAF_TEST(an abandoned child counts as ended and is shown as abandoned) {
  auto decide = make(restart_strategy::one_for_one, {{}, {}});
  decide.begin(start);
  decide.stop(start);
  CAF_CHECK_EQUAL(text_of(decide.abandoned(1, start)), "stop 0");
  CAF_CHECK(decide.state(1) == child_state::abandoned);
}

// Any order of failures, ticks and a stop, against what must hold of every sequence of commands.
CAF_TEST(whatever happens only ended children are started and only running ones stopped and a stop ends with finished) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random{seed};
    const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
    const auto children = 1 + pick(4);
    std::vector<child_policy> children_policies(children);
    for (auto& one : children_policies)
      one = {static_cast<restart_kind>(pick(3)), static_cast<exhaustion>(pick(3))};
    supervision decide{{.strategy = static_cast<restart_strategy>(pick(3))}, children_policies, seed};
    std::set<std::size_t> alive;
    std::set<std::size_t> asked;
    bool over = false;
    const auto carry_out = [&](const supervision::commands& commands) {
      std::size_t last_started = 0;
      for (const auto& one : commands) {
        if (one.step == action::start) {
          if (alive.contains(one.child) || over || one.child < last_started)
            CAF_FAIL("seed " << seed << ": started " << one.child << " out of turn");
          alive.insert(one.child);
          last_started = one.child;
        } else if (one.step == action::stop) {
          if (!alive.contains(one.child) || !asked.empty() || over)
            CAF_FAIL("seed " << seed << ": stopped " << one.child << " out of turn");
          asked.insert(one.child);
        } else if (one.step != action::wake) {
          if (!alive.empty() || over)
            CAF_FAIL("seed " << seed << ": over while children are alive");
          over = true;
        }
      }
    };
    auto now = start;
    carry_out(decide.begin(now));
    for (int step = 0; step != 60 && !over; ++step) {
      now += std::chrono::milliseconds{pick(20'000)};
      if (!alive.empty() && pick(3) != 0) {
        auto whom = alive.begin();
        std::advance(whom, static_cast<std::ptrdiff_t>(pick(alive.size())));
        const auto child = *whom;
        alive.erase(child);
        asked.erase(child);
        carry_out(decide.ended(child, static_cast<ending>(pick(3)), now));
      } else {
        carry_out(decide.tick(now));
      }
    }
    carry_out(decide.stop(now));
    while (!over) {
      if (asked.empty())
        CAF_FAIL("seed " << seed << ": a stop that waits for nobody");
      const auto child = *asked.begin();
      asked.clear();
      alive.erase(child);
      carry_out(decide.ended(child, ending::normal, now));
    }
    CAF_CHECK(alive.empty());
  }
}
