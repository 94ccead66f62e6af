#define CAF_SUITE batches

#include <troupe_test/suite.hpp>

#include <troupe/policies/batches.hpp>
#include <troupe/policies/earliest.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::policies;
using troupe_test::at;

namespace {

enum class stage { made, ready, handled };
using tested = batches<int, stage>;
using ints = std::vector<int>;

replies answers(std::size_t count) {
  return {std::vector<reply>(count), {}};
}

struct fixture {
  tested all;

  // Gets all batches ready, and returns the number of the next one; zero where none may go.
  std::uint64_t next() {
    for (auto& [number, each] : all)
      if (each.at == stage::made)
        each.at = stage::ready;
    const auto out = all.hand_out();
    return out ? out->first : 0;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batches_tests, fixture)

CAF_TEST(batches go in the order in which they were formed once they are ready) {
  all.form({1, 2}, company::any);
  all.form({3}, company::any);
  CAF_CHECK(!all.hand_out());
  CAF_CHECK_EQUAL(next(), 1u);
  CAF_CHECK_EQUAL(next(), 2u);
  CAF_CHECK_EQUAL(next(), 0u);
  CAF_CHECK(all.take(1) == (ints{1, 2}));
  CAF_CHECK(all.take(1).empty());
}

CAF_TEST(of no items there is no batch) {
  all.form({}, company::any);
  CAF_CHECK(all.empty());
}

CAF_TEST(one that wants to be alone waits for those before it and nothing goes beside it) {
  all.form({1}, company::any);
  all.form({2}, company::alone);
  CAF_CHECK_EQUAL(next(), 1u);
  CAF_CHECK_EQUAL(next(), 0u);
  all.take(1);
  all.form({3}, company::any);
  CAF_CHECK_EQUAL(next(), 2u);
  CAF_CHECK_EQUAL(next(), 0u);
  all.take(2);
  CAF_CHECK_EQUAL(next(), 3u);
}

CAF_TEST(there is room up to the limit and none beside one that wants to be alone) {
  CAF_CHECK(all.room(1));
  all.form({1}, company::any);
  CAF_CHECK(!all.room(1));
  CAF_CHECK(all.room(2));
  all.form({2}, company::alone);
  CAF_CHECK(!all.room(3));
}

CAF_TEST(an answer fits a batch of as many items) {
  all.form({1, 2}, company::any);
  CAF_CHECK(all.fits(1, answers(2)) == tested::fit::complete);
  CAF_CHECK(all.fits(1, answers(1)) == tested::fit::mismatched);
  CAF_CHECK(all.fits(2, answers(2)) == tested::fit::unknown);
}

CAF_TEST(what has not reached the handler is taken back) {
  all.form({1, 2}, company::any);
  CAF_CHECK_EQUAL(next(), 1u);
  all.form({3, 4}, company::any);
  all.form({5}, company::any);
  ints back;
  const auto odd = [](int one) { return one % 2 == 1; };
  all.take_back(odd, [&](std::uint64_t /*number*/, int one) { back.push_back(one); });
  CAF_CHECK(back == (ints{3, 5}));
  CAF_CHECK(all.find(3) == nullptr);
  CAF_CHECK(all.take(2) == ints{4});
  CAF_CHECK(all.take(1) == (ints{1, 2}));
}

CAF_TEST(a pause lets probes pass of what is formed after it until one of them is done) {
  all.form({1}, company::any);
  all.begin()->second.at = stage::handled;
  all.form({2, 3}, company::any);
  ints back;
  const auto give_back = [&](std::uint64_t number, int one) {
    all.came_back(number);
    back.push_back(one);
  };
  all.hold(at(0s), replies{{{verdict::retry, {errc::unavailable, "away"}}}, hold{10s, 1}}, give_back);
  all.hold(at(1s), {}, give_back);
  CAF_CHECK(back == (ints{2, 3})); // it was to come after the pause
  CAF_CHECK(all.paused() == stall({stall_reason::handler, {errc::unavailable, "away"}, at(0s)}));
  CAF_CHECK(all.due() == at(10s));
  CAF_CHECK_EQUAL(all.credit(5), 0u);
  all.came_back(1);
  all.done(1);
  all.wake(at(10s));
  CAF_CHECK_EQUAL(all.credit(5), 1u);
  all.form({2}, company::any);
  CAF_CHECK_EQUAL(all.credit(5), 0u);
  all.came_back(3);
  all.done(3);
  CAF_CHECK_EQUAL(all.credit(5), 5u);
  CAF_CHECK(!all.paused());
}

CAF_TEST(the earliest of several times is the first that is still to come) {
  earliest tested{at(5s)};
  CAF_CHECK(!tested.found());
  tested.consider(std::nullopt);
  tested.consider(at(5s));
  CAF_CHECK(!tested.found());
  tested.consider(at(9s));
  tested.consider(at(7s));
  tested.consider(at(8s));
  CAF_CHECK(tested.found() == at(7s));
}

CAF_TEST_FIXTURE_SCOPE_END()
