#define CAF_SUITE inbound_subscription_work
#include <troupe_test/actors.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>

#include "../../../contract/recording_observer.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using offsets = std::vector<std::int64_t>;
using strings = std::vector<std::string>;

const failure away{errc::unavailable, "away"};
const failure too_large{errc::rejected, "too large"};

/// A partition of a transport without a peer.
class plain_partition final : public inbound::partition {
public:
  plain_partition(const policies::redelivery_config& config, std::int32_t number)
    : partition(policies::partition_ledger{config, 0}), number_(number) {}

  [[nodiscard]] delivery delivery_at(std::int64_t offset) override {
    message content;
    content.id = std::to_string(number_) + '-' + std::to_string(offset);
    return {{"stream", number_, offset}, std::move(content), ledger().attempts(offset)};
  }
  void settled(std::int64_t offset, instant /*now*/) override { settled_.push_back(offset); }
  void refused(std::int64_t offset) override { refused_.push_back(offset); }
  void released(std::int64_t offset) override { released_.push_back(offset); }

  [[nodiscard]] const offsets& settled() const { return settled_; }
  [[nodiscard]] const offsets& refused() const { return refused_; }
  [[nodiscard]] const offsets& released() const { return released_; }

private:
  const std::int32_t number_;
  offsets settled_;
  offsets refused_;
  offsets released_;
};

/// The subscription of that transport: it has no steps of its own between forming a batch and handing it out.
class plain_work final : public inbound::subscription_work {
  using base = inbound::subscription_work;

public:
  using base::limits;

  plain_work(limits most, inbound::subscription_metrics& metrics) : base(most, "service", metrics) {}

  using base::assign;
  using base::begin_moves;
  using base::form_batches;
  using base::hand_out_next;
  using base::leave;
  using base::moves;
  using base::publishing;
  using base::release_formed;
  using base::take_back_all;
  using base::unassign;

  /// Whether parked deliveries are to be moved.
  enum class parking : std::uint8_t { here, elsewhere } waits = parking::here;

  [[nodiscard]] std::optional<instant> next_due(instant now) const {
    policies::earliest due{now};
    consider_due(due);
    return due.found();
  }

private:
  void parked(const inbound::delivery_position& which, instant /*now*/) override {
    if (waits == parking::elsewhere)
      to_be_moved_.push_back(which);
  }
};

/// Nothing runs here, and time is what the test says.
struct fixture : troupe_test::actor_fixture {
  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  spawn_context context = unsupervised(sys, "service/source", watcher);
  inbound::subscription_metrics metrics{context, "plain", {}};
  policies::redelivery_config redelivery;
  plain_work work{{.batch = 3, .batches_in_flight = 2}, metrics};
  instant now{1h};
  timestamp civil{1h};

  fixture() { redelivery.delays = {10s}; }

  plain_partition& assign(std::size_t index) {
    auto made = std::make_unique<plain_partition>(redelivery, static_cast<std::int32_t>(index));
    auto& result = *made;
    work.assign(index, std::move(made));
    return result;
  }

  /// Deliveries without a key from `first` on.
  void fetch(plain_partition& to, std::int64_t first, std::int64_t count) {
    for (auto offset = first; offset < first + count; ++offset)
      to.ledger().fetched(offset, std::nullopt, 0, now);
  }
  void fetch(plain_partition& to, std::int64_t offset, const std::string& key, std::uint32_t attempts = 0) {
    to.ledger().fetched(offset, key, attempts, now);
  }

  std::optional<inbound::hand_out> next() {
    work.form_batches(now);
    work.release_formed();
    return work.hand_out_next();
  }
  inbound::hand_out require_next() {
    auto out = next();
    CAF_REQUIRE(out.has_value());
    return std::move(*out);
  }
  static strings ids(const std::optional<inbound::hand_out>& out) {
    strings result;
    for (const auto& each : out ? out->request.batch : std::vector<delivery>{})
      result.push_back(each.content.id);
    return result;
  }

  void answer(const inbound::hand_out& out, verdict how = verdict::done, std::optional<hold> pause = std::nullopt) {
    work.answered(out.batch, {std::vector<reply>(out.request.batch.size(), {how, away}), pause}, now);
  }
  inbound::letter_order require_letter() {
    auto letters = work.next_letters(now, civil);
    CAF_REQUIRE_EQUAL(letters.size(), 1u);
    return std::move(letters.front());
  }

  double counted(const std::string& name) { return watcher->value("troupe_plain_" + name + "_total"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(inbound_subscription_work_tests, fixture)

CAF_TEST(batches take from the partitions in turn and hold no more than their limit) {
  auto& first = assign(0);
  auto& second = assign(1);
  fetch(first, 0, 4);
  fetch(second, 0, 4);
  const auto one = require_next();
  CAF_CHECK(ids(one) == (strings{"0-0", "0-1", "0-2"}));
  CAF_CHECK(ids(require_next()) == (strings{"1-0", "1-1", "1-2"}));
  answer(one);
  CAF_CHECK(ids(next()) == (strings{"0-3", "1-3"}));
  CAF_CHECK_EQUAL(counted("delivered"), 8);
  CAF_CHECK_EQUAL(counted("batches"), 3);
}

CAF_TEST(the age of the oldest unsettled delivery over all partitions is shown) {
  const auto shown = [this] {
    work.update_oldest(now);
    return watcher->gauge_value("troupe_plain_oldest_unsettled_seconds");
  };
  CAF_CHECK_EQUAL(shown(), 0);
  fetch(assign(0), 0, 1);
  now += 5s;
  fetch(assign(1), 0, 1);
  now += 2500ms;
  CAF_CHECK_EQUAL(shown(), 7.5);
  work.unassign(0);
  CAF_CHECK_EQUAL(shown(), 2.5);
  answer(require_next());
  CAF_CHECK_EQUAL(shown(), 0);
}

CAF_TEST(the time from publish to settled is observed once where the transport says the first) {
  auto& of = assign(0);
  fetch(of, 0, 3);
  of.published(0, system_now() - 1h);
  of.published(2, system_now() + 1h); // by a clock that is ahead
  answer(require_next());
  const auto seen = watcher->observed("troupe_plain_end_to_end_seconds");
  CAF_REQUIRE_EQUAL(seen.size(), 2u);
  CAF_CHECK(seen[0] >= 3600 && seen[1] == 0);
  CAF_CHECK(!of.take_published(0));
}

CAF_TEST(no more batches are in flight than the limit allows) {
  fetch(assign(0), 0, 9);
  const auto one = require_next();
  CAF_CHECK(next().has_value());
  CAF_CHECK(!next());
  answer(one);
  CAF_CHECK(ids(next()) == (strings{"0-6", "0-7", "0-8"}));
}

CAF_TEST(batches are answered in any order) {
  auto& of = assign(0);
  fetch(of, 0, 6);
  const auto one = require_next();
  const auto other = require_next();
  answer(other);
  CAF_CHECK(of.settled() == (offsets{3, 4, 5}));
  CAF_CHECK_EQUAL(of.ledger().watermark(), 0);
  answer(one);
  CAF_CHECK(of.settled() == (offsets{3, 4, 5, 0, 1, 2}));
  CAF_CHECK_EQUAL(of.ledger().watermark(), 6);
  CAF_CHECK_EQUAL(counted("settled"), 6);
  CAF_CHECK_EQUAL(work.unfinished(), 0u);
}

CAF_TEST(a second answer to a batch is discarded and counted) {
  auto& of = assign(0);
  fetch(of, 0, 3);
  const auto out = require_next();
  answer(out);
  answer(out);
  CAF_CHECK_EQUAL(of.settled().size(), 3u);
  CAF_CHECK_EQUAL(counted("stale_settlements"), 3);
}

CAF_TEST(an answer with too few replies settles nothing and its deliveries come one at a time) {
  auto& of = assign(0);
  fetch(of, 0, 3);
  const auto out = require_next();
  work.answered(out.batch, {{{verdict::done, {}}}, {}}, now);
  CAF_CHECK(of.settled().empty());
  CAF_CHECK(!next());
  now = work.next_due(now).value();
  CAF_CHECK(ids(next()) == (strings{"0-0"}));
  CAF_CHECK(!next());
}

CAF_TEST(a request that failed costs no attempt and its deliveries come again after a pause) {
  auto& of = assign(0);
  fetch(of, 0, 3);
  work.ended(inbound::batch_outcome{require_next().batch, failure{errc::unavailable, "restarting"}}, now);
  CAF_CHECK(!next());
  CAF_CHECK(work.next_due(now) == now + 100ms);
  now += 100ms;
  const auto again = require_next();
  CAF_CHECK(ids(again) == (strings{"0-0", "0-1", "0-2"}));
  CAF_CHECK_EQUAL(again.request.batch.front().attempts, 0u);
}

CAF_TEST(a suspect goes to the handler alone) {
  auto& of = assign(0);
  auto& other = assign(1);
  of.ledger().suspect_until(1);
  fetch(of, 0, 2);
  fetch(other, 0, 1);
  const auto suspect = require_next();
  CAF_CHECK(ids(suspect) == (strings{"0-0"}));
  CAF_CHECK(!next());
  answer(suspect);
  CAF_CHECK(ids(next()) == (strings{"1-0", "0-1"}));
}

CAF_TEST(a delayed retry waits for its time and holds up its key alone) {
  auto& of = assign(0);
  fetch(of, 0, "key");
  answer(require_next(), verdict::retry);
  CAF_CHECK_EQUAL(counted("retried"), 1);
  CAF_CHECK_EQUAL(work.unfinished(), 1u);
  fetch(of, 1, "key");
  fetch(of, 2, "other");
  CAF_CHECK(ids(next()) == (strings{"0-2"}));
  CAF_CHECK(!next());
  now += 10s - 1ns;
  CAF_CHECK(!next());
  now += 1ns;
  const auto again = require_next();
  CAF_CHECK(ids(again) == (strings{"0-0", "0-1"}));
  CAF_CHECK_EQUAL(again.request.batch.front().attempts, 1u);
}

CAF_TEST(a retry that is moved is settled when it is published and waits here when it is not) {
  work.waits = plain_work::parking::elsewhere;
  auto& of = assign(0);
  fetch(of, 0, 2);
  answer(require_next(), verdict::retry);
  const auto moved = work.begin_moves();
  CAF_REQUIRE_EQUAL(moved.size(), 2u);
  CAF_CHECK_EQUAL(work.moves(), 2u);
  CAF_CHECK(work.publishing(0));
  now += 10s;
  CAF_CHECK(!next()); // it may be there already
  CAF_CHECK(!work.published(moved[0].ticket, {}, now));
  CAF_CHECK(of.settled() == (offsets{0}));
  const auto failed = work.published(moved[1].ticket, away, now);
  CAF_REQUIRE(failed.has_value());
  CAF_CHECK_EQUAL(failed->offset, 1);
  CAF_CHECK_EQUAL(work.moves(), 0u);
  CAF_CHECK(!work.publishing());
  CAF_CHECK(ids(next()) == (strings{"0-1"}));
}

CAF_TEST(a rejected delivery is settled only when its dead letter is published) {
  auto& of = assign(0);
  fetch(of, 0, 1);
  answer(require_next(), verdict::reject);
  const auto order = [&] {
    now += 2s;
    return require_letter();
  }();
  CAF_CHECK(order.letter.from == (origin{"stream", 0, 0}));
  CAF_CHECK_EQUAL(order.letter.content.id, "0-0");
  CAF_CHECK_EQUAL(order.letter.service, "service");
  CAF_CHECK(order.letter.why == away);
  CAF_CHECK_EQUAL(order.letter.attempts, 1u);
  CAF_CHECK(order.letter.first_failure == civil - 2s);
  CAF_CHECK(work.next_letters(now, civil).empty()); // it is ordered once
  CAF_CHECK(of.settled().empty());
  CAF_CHECK_EQUAL(of.ledger().watermark(), 0);
  work.ended(inbound::publish_outcome{order.ticket, {}}, now);
  CAF_CHECK(of.settled() == (offsets{0}));
  CAF_CHECK_EQUAL(counted("dead_lettered"), 1);
}

CAF_TEST(a delivery whose retries are spent becomes a dead letter) {
  auto& of = assign(0);
  fetch(of, 0, 1);
  answer(require_next(), verdict::retry);
  now += 10s;
  answer(require_next(), verdict::retry);
  const auto order = require_letter();
  CAF_CHECK_EQUAL(order.letter.attempts, 2u);
  CAF_CHECK(order.letter.first_failure == civil - 10s);
  CAF_CHECK(order.letter.last_failure == civil);
}

CAF_TEST(while dead letters cannot be published nothing is handed out and they are ordered again) {
  auto& of = assign(0);
  fetch(of, 0, 2);
  const auto out = require_next();
  work.answered(out.batch, {{{verdict::reject, away}, {verdict::untouched, {}}}, {}}, now);
  CAF_CHECK(of.released() == (offsets{1}));
  work.published(require_letter().ticket, away, now);
  CAF_CHECK(!next());
  CAF_CHECK(work.next_letters(now, civil).empty());
  now = work.next_due(now).value();
  work.published(require_letter().ticket, {}, now);
  CAF_CHECK(of.settled() == (offsets{0}));
  CAF_CHECK(ids(next()) == (strings{"0-1"}));
}

CAF_TEST(a dead letter that is refused for ever holds up its key alone) {
  auto& of = assign(0);
  fetch(of, 0, "large");
  answer(require_next(), verdict::reject);
  const auto position = work.published(require_letter().ticket, too_large, now);
  CAF_REQUIRE(position.has_value());
  CAF_CHECK(of.refused() == (offsets{0}));
  fetch(of, 1, "large");
  fetch(of, 2, "other");
  CAF_CHECK(ids(next()) == (strings{"0-2"}));
  CAF_CHECK(!next());
  CAF_CHECK(work.next_letters(now, civil).empty());
  CAF_CHECK_EQUAL(of.ledger().watermark(), 0);
  now += policies::partition_ledger::refused_letter_pause;
  work.published(require_letter().ticket, {}, now); // an operator has raised the limit
  CAF_CHECK(of.settled() == (offsets{0}));
  CAF_CHECK(ids(next()) == (strings{"0-1"}));
}

CAF_TEST(a pause takes back what has not reached the handler and then lets one through) {
  auto& of = assign(0);
  fetch(of, 0, 6);
  const auto out = require_next();
  work.form_batches(now);
  answer(out, verdict::untouched, hold{15s, 1});
  CAF_CHECK(of.released() == (offsets{0, 1, 2, 3, 4, 5}));
  CAF_CHECK(!next());
  CAF_CHECK(work.next_due(now) == now + 15s);
  now += 15s;
  const auto probe = require_next();
  CAF_CHECK(ids(probe) == (strings{"0-0"}));
  CAF_CHECK(!next());
  answer(probe);
  CAF_CHECK(ids(next()) == (strings{"0-1", "0-2", "0-3"}));
}

CAF_TEST(a delivery that does not go on is reported after 30 s with its reason) {
  stall_watch watch{context, "stream"};
  const auto reported = [&] {
    watch.report(work.stalls(), now);
    return context.vitals->held_up_by();
  };
  auto& of = assign(0);
  fetch(of, 0, 1);
  CAF_CHECK(work.stalls().empty());
  const auto out = require_next();
  now += 30s - 1ns;
  CAF_CHECK(reported().empty());
  now += 1ns;
  CAF_CHECK(reported().find("handler") != std::string::npos);
  answer(out, verdict::reject);
  work.published(require_letter().ticket, away, now);
  CAF_CHECK(reported().empty()); // it goes on
  now += 30s;
  CAF_CHECK(reported().find("dead letter") != std::string::npos);
  work.published(require_letter().ticket, {}, now);
  CAF_CHECK(work.stalls().empty());
}

CAF_TEST(a handler that pauses for more than 30 s is reported) {
  fetch(assign(0), 0, 1);
  answer(require_next(), verdict::untouched, hold{15s, 1});
  const auto since = now;
  now += 15s;
  answer(require_next(), verdict::untouched, hold{15s, 1});
  const auto stalls = work.stalls();
  CAF_REQUIRE_EQUAL(stalls.size(), 1u);
  CAF_CHECK(stalls.front().reason == stall_reason::handler);
  CAF_CHECK_EQUAL(stalls.front().why.code, errc::breaker_open);
  CAF_CHECK(stalls.front().since == since); // over all pauses in a row
  now += 15s;
  answer(require_next());
  CAF_CHECK(work.stalls().empty());
}

CAF_TEST(the next due time is the earliest of all partitions) {
  auto& first = assign(0);
  auto& second = assign(1);
  CAF_CHECK(!work.next_due(now));
  fetch(first, 0, 1);
  answer(require_next(), verdict::retry);
  now += 4s;
  fetch(second, 0, 1);
  answer(require_next(), verdict::retry);
  CAF_CHECK(work.next_due(now) == now + 6s);
  now += 6s;
  answer(require_next());
  CAF_CHECK(work.next_due(now) == now + 4s);
  now += 4s;
  answer(require_next());
  CAF_CHECK(!work.next_due(now));
}

CAF_TEST(a partition that leaves hands out nothing more while its answers still settle) {
  auto& leaving = assign(0);
  auto& staying = assign(1);
  fetch(leaving, 0, 4);
  const auto out = require_next();
  work.form_batches(now);
  work.leave(0, now);
  CAF_CHECK(leaving.released() == (offsets{3})); // it has not reached the handler
  fetch(staying, 0, 1);
  CAF_CHECK(ids(next()) == (strings{"1-0"}));
  CAF_CHECK(!next());
  work.answered(out.batch, {{{verdict::done, {}}, {verdict::reject, away}, {verdict::retry, away}}, {}}, now);
  CAF_CHECK(leaving.settled() == (offsets{0}));
  CAF_CHECK(!work.publishing(0));
  const auto order = require_letter();
  CAF_CHECK(work.publishing(0));
  work.published(order.ticket, {}, now);
  CAF_CHECK(!work.publishing(0));
  CAF_CHECK(leaving.settled() == (offsets{0, 1}));
  now += 10s;
  CAF_CHECK(!next()); // its retry goes with it
}

CAF_TEST(what comes of an earlier assignment is discarded and counted) {
  auto& before = assign(0);
  fetch(before, 0, 4);
  const auto out = require_next();
  answer(require_next(), verdict::reject);
  const auto order = require_letter();
  work.unassign(0);
  auto& after = assign(0);
  fetch(after, 0, 4);
  answer(out);
  CAF_CHECK(!work.published(order.ticket, {}, now));
  CAF_CHECK(after.settled().empty());
  CAF_CHECK_EQUAL(counted("stale_settlements"), 4);
  CAF_CHECK(ids(next()) == (strings{"0-0", "0-1", "0-2"}));
}

CAF_TEST(a drain takes back what has not reached the handler and counts what is unfinished) {
  auto& of = assign(0);
  fetch(of, 0, 7);
  const auto parked = require_next();
  answer(parked, verdict::retry);
  const auto out = require_next();
  work.form_batches(now);
  CAF_CHECK_EQUAL(work.unfinished(), 7u);
  work.take_back_all(now);
  CAF_CHECK(of.released() == (offsets{6}));
  CAF_CHECK(!work.hand_out_next());
  CAF_CHECK_EQUAL(work.unfinished(), 6u);
  answer(out);
  CAF_CHECK_EQUAL(work.unfinished(), 3u); // what is parked
  CAF_CHECK(of.settled() == (offsets{3, 4, 5}));
}

CAF_TEST_FIXTURE_SCOPE_END()
