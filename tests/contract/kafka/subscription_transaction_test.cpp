#define CAF_SUITE kafka_subscription_transaction
#include <troupe_test/suite.hpp>

#include <troupe/bridges/kafka/transactional_work.hpp>

#include "../recording_observer.hpp"

using namespace troupe;
using namespace troupe::kafka;
using namespace std::chrono_literals;

namespace {

using offsets = std::vector<std::int64_t>;

const reply untouched{verdict::untouched};
const reply rejected{verdict::reject, {errc::rejected, "no such thing"}};

// Drives the decisions by hand: no client, no actors, and time that only the test moves.
struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  subscription_metrics metrics{unsupervised(system, "service/source", watcher), "topic", "group"};
  instant now{1h};
  timestamp civil{1h};
  std::optional<transactional_work> work;

  fixture() {
    subscription with;
    with.topic = "topic";
    with.group = "group";
    with.batch = 4;
    with.batches_in_flight = 1;
    with.redelivery.delays.clear();
    with.transaction = {"results", "id"};
    work.emplace(with, "service", metrics);
  }

  void gain(std::int32_t partition, position from = {0, {}}) { work->gained(partition, std::move(from)); }

  void fetch(std::int32_t partition, const offsets& which) {
    for (const auto offset : which) {
      message made;
      made.id = "id-" + std::to_string(offset);
      work->fetched(partition, offset, std::move(made), now);
    }
  }

  hand_out next() {
    if (!work->next_commit(now).empty())
      work->committed({}, now);
    auto out = work->next_hand_out(now);
    CAF_REQUIRE(out.has_value());
    return std::move(*out);
  }

  std::optional<transaction> conclude(const hand_out& of, std::vector<reply> each) {
    return work->concluded(of.batch, {std::move(each), {}}, now, civil);
  }

  static offsets offsets_of(const hand_out& out) {
    offsets result;
    for (const auto& each : out.request.batch)
      result.push_back(each.from.offset);
    return result;
  }

  static offsets results_of(const transaction& made) {
    offsets result;
    for (const auto& each : made.results)
      result.push_back(each.from.offset);
    return result;
  }
};

reply done_with(const std::string& text) {
  message made;
  made.payload = text;
  return {verdict::done, {errc::none, {}}, {made}};
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(subscription_transaction_tests, fixture)

CAF_TEST(results go with the offset behind them) {
  gain(0);
  fetch(0, {0, 1, 2});
  const auto made = conclude(next(), {done_with("a"), reply{}, done_with("c")});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK(results_of(*made) == (offsets{0, 2}));
  CAF_CHECK_EQUAL(made->results.back().content.payload, "c");
  CAF_REQUIRE_EQUAL(made->offsets.size(), 1u);
  CAF_CHECK_EQUAL(made->offsets.front().offset, 3);
  CAF_CHECK(made->letters.empty());
}

CAF_TEST(what stands behind an untouched delivery has no output and comes again with it) {
  gain(0);
  fetch(0, {0, 1, 2, 3});
  const auto made = conclude(next(), {done_with("a"), untouched, done_with("c"), rejected});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK(results_of(*made) == (offsets{0}));
  CAF_CHECK(made->letters.empty());
  CAF_CHECK_EQUAL(made->offsets.front().offset, 1);
  work->committed({}, now);
  CAF_CHECK(offsets_of(next()) == (offsets{1, 2, 3}));
}

CAF_TEST(a batch of which nothing is settled makes no transaction) {
  gain(0);
  fetch(0, {0, 1});
  CAF_CHECK(!conclude(next(), {untouched, done_with("b")}).has_value());
  const auto again = next();
  CAF_CHECK(offsets_of(again) == (offsets{0, 1}));
  CAF_CHECK(!conclude(again, {done_with("a")}).has_value()); // a wrong number of replies
}

CAF_TEST(a rejected delivery is set aside in the transaction of its batch) {
  gain(0);
  fetch(0, {0, 1, 2});
  const auto made = conclude(next(), {done_with("a"), rejected, done_with("c")});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK(results_of(*made) == (offsets{0, 2}));
  CAF_REQUIRE_EQUAL(made->letters.size(), 1u);
  CAF_CHECK_EQUAL(made->letters.front().from.offset, 1);
  CAF_CHECK_EQUAL(made->letters.front().why, rejected.why);
  CAF_CHECK_EQUAL(made->letters.front().attempts, 1u);
  CAF_CHECK_EQUAL(made->letters.front().service, "service");
  CAF_CHECK_EQUAL(made->offsets.front().offset, 3);
}

CAF_TEST(a failure that in-place retries did not cure is set aside because there are no others) {
  gain(0);
  fetch(0, {0});
  const auto made = conclude(next(), {reply{verdict::retry, {errc::unavailable, "away"}}});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(made->letters.size(), 1u);
}

CAF_TEST(what may be suspected after a kill is the next batch and no more) {
  gain(0);
  fetch(0, {0, 1});
  const auto made = conclude(next(), {reply{}, reply{}});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(made->offsets.front().offset, 2);
  CAF_CHECK_EQUAL(made->offsets.front().note.reach.value_or(0), 6);
}

CAF_TEST(what was undone comes again from what is committed) {
  gain(0);
  fetch(0, {0, 1});
  const auto batch = next();
  CAF_REQUIRE(conclude(batch, {done_with("a"), done_with("b")}).has_value());
  work->committed(failure{errc::unavailable, "undone"}, now);
  work->given_up(0, now);
  gain(0, {0, {}});
  now += 1min;
  fetch(0, {0, 1});
  CAF_CHECK(offsets_of(next()) == (offsets{0, 1}));
}

CAF_TEST(a delivery whose result no broker takes is set aside when it comes again) {
  gain(0);
  fetch(0, {0, 1});
  CAF_REQUIRE(conclude(next(), {done_with("a"), done_with("too large")}).has_value());
  work->committed(failure{errc::rejected, "too large"}, now);
  work->condemn({"topic", 0, 1}, {errc::rejected, "too large"});
  work->given_up(0, now);
  gain(0, {0, {}});
  now += 1min;
  fetch(0, {0, 1});
  const auto made = conclude(next(), {done_with("a"), done_with("too large")});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK(results_of(*made) == (offsets{0}));
  CAF_REQUIRE_EQUAL(made->letters.size(), 1u);
  CAF_CHECK_EQUAL(made->letters.front().from.offset, 1);
  // That transaction is undone for another reason.
  work->committed(failure{errc::unavailable, "away"}, now);
  work->given_up(0, now);
  gain(0, {0, {}});
  now += 1min;
  fetch(0, {0, 1});
  const auto again = conclude(next(), {done_with("a"), done_with("too large")});
  CAF_REQUIRE(again.has_value());
  CAF_CHECK_EQUAL(again->letters.size(), 1u);
  // Another record has its offset later.
  work->committed({}, now);
  work->given_up(0, now);
  gain(0, {0, {}});
  now += 1min;
  fetch(0, {0, 1});
  const auto other = conclude(next(), {done_with("a"), done_with("fits")});
  CAF_REQUIRE(other.has_value());
  CAF_CHECK(results_of(*other) == (offsets{0, 1}));
}

CAF_TEST(replies for a partition that was given up meanwhile are left out) {
  gain(0);
  gain(1);
  fetch(0, {0, 1});
  fetch(1, {0, 1});
  const auto batch = next();
  CAF_REQUIRE_EQUAL(batch.request.batch.size(), 4u);
  work->given_up(0, now);
  const auto made = conclude(batch, {done_with("a"), done_with("b"), done_with("c"), done_with("d")});
  CAF_REQUIRE(made.has_value());
  CAF_REQUIRE_EQUAL(made->offsets.size(), 1u);
  CAF_CHECK_EQUAL(made->offsets.front().partition, 1);
  CAF_CHECK_EQUAL(made->results.size(), 2u);
  for (const auto& each : made->results)
    CAF_CHECK_EQUAL(each.from.partition, 1);
}

CAF_TEST(a delivery that ended the process too often is set aside when those before it are settled) {
  commit_note note;
  note.attempts = {{1, {5, 0}}};
  gain(0, {0, note});
  fetch(0, {0, 1, 2});
  CAF_CHECK(!work->next_burial(now, civil).has_value());
  const auto batch = next();
  CAF_CHECK(offsets_of(batch) == (offsets{0, 2}));
  const auto made = conclude(batch, {done_with("a"), done_with("c")});
  CAF_REQUIRE(made.has_value());
  CAF_CHECK(results_of(*made) == (offsets{0}));
  work->committed({}, now);
  const auto letter = work->next_burial(now, civil);
  CAF_REQUIRE(letter.has_value());
  CAF_CHECK_EQUAL(letter->letters.front().from.offset, 1);
  CAF_CHECK_EQUAL(letter->offsets.front().offset, 2);
  work->committed({}, now);
  CAF_CHECK(offsets_of(next()) == (offsets{2}));
}

CAF_TEST_FIXTURE_SCOPE_END()
