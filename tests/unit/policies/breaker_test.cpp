#define CAF_SUITE breaker

#include <troupe_test/suite.hpp>

#include <optional>
#include <tuple>
#include <vector>

#include <troupe/policies/breaker.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::errc;
using troupe_test::agree;
using troupe_test::at;

namespace {

void fail(breaker& policy, int times, troupe::instant now, errc why = errc::unavailable) {
  for (int i = 0; i < times; ++i) {
    const auto permit = policy.admit(now);
    CAF_REQUIRE(permit);
    policy.failed(permit, why, now);
  }
}

breaker opened_at(troupe::instant now) {
  breaker policy;
  fail(policy, 5, now);
  return policy;
}

} // namespace

CAF_TEST(five transient failures in a row open it) {
  breaker policy;
  fail(policy, 4, at(0s));
  CAF_CHECK_EQUAL(to_string(policy.state()), "closed");
  fail(policy, 1, at(0s));
  CAF_CHECK_EQUAL(to_string(policy.state()), "open");
  CAF_CHECK(!policy.admit(at(0s)));
}

CAF_TEST(a success between failures begins the row anew) {
  breaker policy;
  fail(policy, 4, at(0s));
  policy.succeeded(policy.admit(at(0s)));
  fail(policy, 4, at(0s));
  CAF_CHECK(policy.state() == breaker_state::closed);
}

CAF_TEST(permanent errors and errors of our own neither count nor end the row) {
  breaker policy;
  for (const auto why : {errc::rejected, errc::undecodable, errc::invalid, errc::not_found, errc::conflict, errc::cancelled,
                         errc::breaker_open, errc::shutting_down, errc::actor_failed, errc::partial, errc::internal})
    fail(policy, 10, at(0s), why);
  CAF_CHECK(policy.state() == breaker_state::closed);
  fail(policy, 4, at(0s));
  fail(policy, 10, at(0s), errc::rejected);
  fail(policy, 1, at(0s));
  CAF_CHECK(policy.state() == breaker_state::open);
}

CAF_TEST(every failure of a dependency counts) {
  for (const auto why : {errc::unavailable, errc::deadline_exceeded, errc::overloaded, errc::not_sent, errc::outcome_unknown,
                         errc::storage_failed}) {
    breaker policy;
    fail(policy, 5, at(0s), why);
    CAF_CHECK(policy.state() == breaker_state::open);
  }
}

CAF_TEST(attempts that fail together are one failure) {
  breaker policy;
  const auto fail_all = [&policy](const std::vector<breaker::permit>& held, troupe::instant now, troupe::duration apart) {
    for (const auto& each : held)
      policy.failed(each, errc::outcome_unknown, now += apart);
  };
  const auto admitted = [&policy](troupe::instant now) {
    std::vector<breaker::permit> held;
    for (int i = 0; i < 100; ++i)
      held.push_back(policy.admit(now));
    return held;
  };
  // A connection with a hundred calls is lost, and another one, up to the fifth.
  for (int lost = 0; lost < 4; ++lost)
    fail_all(admitted(at(0s)), at(1s), 900us);
  CAF_CHECK(policy.state() == breaker_state::closed);
  policy.succeeded(policy.admit(at(2s)));
  // Where nobody answers, calls fail one after the other as their time runs out.
  const auto held = admitted(at(3s));
  fail_all({held[0], held[1], held[2], held[3]}, at(4s), 100ms);
  CAF_CHECK(policy.state() == breaker_state::closed);
  fail_all({held[4]}, at(5s), 100ms);
  CAF_CHECK(policy.state() == breaker_state::open);
}

CAF_TEST(it stays open for fifteen seconds and then admits exactly one probe) {
  auto policy = opened_at(at(0s));
  CAF_CHECK_EQUAL(policy.open_for(at(0s)), 15s);
  CAF_CHECK_EQUAL(policy.open_for(at(10s)), 5s);
  CAF_CHECK(!policy.admit(at(15s) - 1ns));
  CAF_CHECK_EQUAL(policy.open_for(at(15s)), 0s);
  CAF_CHECK(policy.admit(at(15s)));
  CAF_CHECK_EQUAL(to_string(policy.state()), "half_open");
  CAF_CHECK(!policy.admit(at(15s)));
  CAF_CHECK(!policy.admit(at(1h)));
}

CAF_TEST(the success of the probe closes it) {
  auto policy = opened_at(at(0s));
  policy.succeeded(policy.admit(at(15s)));
  CAF_CHECK(policy.state() == breaker_state::closed);
  fail(policy, 4, at(16s));
  CAF_CHECK(policy.state() == breaker_state::closed);
}

CAF_TEST(the failure of the probe opens it again for the whole time) {
  auto policy = opened_at(at(0s));
  policy.failed(policy.admit(at(15s)), errc::unavailable, at(20s));
  CAF_CHECK(policy.state() == breaker_state::open);
  CAF_CHECK_EQUAL(policy.open_for(at(20s)), 15s);
  CAF_CHECK(!policy.admit(at(35s) - 1ns));
  CAF_CHECK(policy.admit(at(35s)));
}

CAF_TEST(a probe that never ran or said nothing of the dependency leaves room for the next) {
  auto policy = opened_at(at(0s));
  policy.abandoned(policy.admit(at(15s)));
  const auto next = policy.admit(at(15s));
  CAF_CHECK(next);
  policy.failed(next, errc::rejected, at(15s));
  CAF_CHECK(policy.state() == breaker_state::half_open);
  CAF_CHECK(policy.admit(at(15s)));
  CAF_CHECK(!policy.admit(at(15s)));
}

CAF_TEST(an outcome from before it opened neither closes it nor opens it anew) {
  breaker policy;
  const auto early = policy.admit(at(0s));
  const auto early_too = policy.admit(at(0s));
  fail(policy, 5, at(0s));
  policy.succeeded(early);
  CAF_CHECK(policy.state() == breaker_state::open);
  const auto probe = policy.admit(at(15s));
  policy.failed(early_too, errc::unavailable, at(16s));
  CAF_CHECK(policy.state() == breaker_state::half_open);
  policy.abandoned(early);
  CAF_CHECK(!policy.admit(at(16s)));
  policy.succeeded(probe);
  CAF_CHECK(policy.state() == breaker_state::closed);
}

CAF_TEST(sequences of overlapping attempts agree with a model that remembers what each was admitted for) {
  // The model numbers the states and notes with each attempt the number it was admitted in, and when in the sequence.
  const auto disagreement = troupe_test::run_sequences(4000, [](auto& random) {
    const breaker_config config{static_cast<unsigned>(random.between(1, 4)), 10s};
    breaker policy{config};
    breaker_state state = breaker_state::closed;
    unsigned row = 0;
    int period = 0;
    auto now = at(0s);
    auto until = now;
    std::optional<int> probe;
    std::vector<std::tuple<breaker::permit, int, int>> running;
    int last_counted = -1; // the step of the last failure that counted, and its time
    auto last_counted_at = now;
    const auto enter = [&](breaker_state next) {
      state = next;
      row = 0;
      probe.reset();
      ++period;
    };
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::seconds{random.below(4)};
      if (running.empty() || random.once_in(2)) {
        if (state == breaker_state::open && now >= until)
          enter(breaker_state::half_open);
        const auto expected = state == breaker_state::closed || (state == breaker_state::half_open && !probe);
        const auto permit = policy.admit(now);
        agree(static_cast<bool>(permit), expected, "whether an attempt is admitted");
        if (expected)
          running.emplace_back(permit, period, step);
        if (expected && state == breaker_state::half_open)
          probe = period;
      } else {
        const auto which = running.begin() + static_cast<std::ptrdiff_t>(random.below(running.size()));
        const auto [permit, admitted_in, admitted_at] = *which;
        running.erase(which);
        const auto why = random.template one_of<errc>({errc::none, errc::none, errc::unavailable, errc::unavailable,
                                                       errc::storage_failed, errc::rejected, errc::cancelled});
        if (why == errc::none)
          policy.succeeded(permit);
        else if (why == errc::cancelled)
          policy.abandoned(permit);
        else
          policy.failed(permit, why, now);
        if (admitted_in == period) {
          if (why == errc::none) {
            if (state == breaker_state::half_open)
              enter(breaker_state::closed);
            row = 0;
          } else if (why == errc::unavailable || why == errc::storage_failed) {
            const bool is_known = admitted_at < last_counted && now == last_counted_at;
            if (!is_known || state == breaker_state::half_open) {
              last_counted = step;
              last_counted_at = now;
              if (state == breaker_state::half_open || ++row == config.failures) {
                enter(breaker_state::open);
                until = now + config.open_for;
              }
            }
          } else if (state == breaker_state::half_open) {
            enter(breaker_state::half_open);
          }
        }
      }
      agree(policy.state(), state, "the state");
      agree(policy.open_for(now), state == breaker_state::open && until > now ? until - now : 0s, "how long it stays open");
    }
  });
  CAF_CHECK_EQUAL(disagreement, "");
}
