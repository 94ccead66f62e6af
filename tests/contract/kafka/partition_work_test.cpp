#define CAF_SUITE kafka_partition_work
#include <troupe_test/suite.hpp>

#include <troupe/bridges/kafka/partition_work.hpp>

using namespace troupe;
using namespace troupe::kafka;
using namespace std::chrono_literals;

namespace {

using pressing = partition_work::pressing;
using offsets = std::vector<std::int64_t>;

const reply done{};
const reply retry{verdict::retry, {errc::unavailable, "away"}};

struct fixture {
  subscription config;
  instant now{};
  std::optional<partition_work> work;

  fixture() {
    config.batch = 2;
    config.commit_after = 10;
    config.redelivery.delays = {10s};
    config.redelivery.span_limit = 20;
    config.partition_bytes = 10'000;
  }

  void begin(position from = {}) { work.emplace(3, std::move(from), config); }

  bool fetch(std::int64_t offset, const std::string& key = {}, std::size_t size = 0) {
    message made;
    if (!key.empty())
      made.key = key;
    made.payload.assign(size, 'x');
    return work->fetched(offset, std::move(made), now);
  }

  void fetch_all(std::int64_t from, std::int64_t to) {
    for (; from < to; ++from)
      CAF_REQUIRE(fetch(from));
  }

  void settle(std::int64_t offset) {
    CAF_REQUIRE(work->ledger().replied(offset, done, now) == policies::settlement::settled);
    work->settled(offset, now);
  }

  void handle(std::size_t count) {
    for (const auto offset : work->take(count, now))
      settle(offset);
  }

  commit_entry commit(pressing why) {
    auto entry = work->collect(why);
    CAF_REQUIRE(entry.has_value());
    work->committed();
    return *entry;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(partition_work_tests, fixture)

CAF_TEST(where a new group begins is not known before its first record) {
  begin();
  CAF_CHECK(!work->collect(pressing::any));
  CAF_CHECK(!work->collect(pressing::last));
  fetch(40);
  CAF_CHECK((commit(pressing::any) == commit_entry{3, 40, {}}));
}

CAF_TEST(nothing is committed again that Kafka has) {
  begin({40, {}});
  for (const auto why : {pressing::any, pressing::much, pressing::mark, pressing::last})
    CAF_CHECK((why == pressing::mark) == work->collect(why).has_value());
}

CAF_TEST(a delivery is marked only when the commit that reaches beyond it is done) {
  begin({0, {}});
  fetch_all(0, 5);
  CAF_CHECK_EQUAL(work->take(3, now).size(), 3u);
  CAF_CHECK(!work->marked(0));
  const auto entry = work->collect(pressing::mark);
  CAF_REQUIRE(entry.has_value());
  CAF_CHECK((*entry == commit_entry{3, 0, {3 + 6, {}}}));
  CAF_CHECK(!work->marked(0));
  work->committed();
  CAF_CHECK(work->marked(8));
  CAF_CHECK(!work->marked(9));
}

CAF_TEST(a mark reaches beyond by twice what was handed out since the one before within limits) {
  begin({40, {}});
  fetch_all(40, 100);
  const auto beyond_after = [this](std::size_t handed_out) {
    handle(handed_out);
    const auto entry = commit(pressing::any);
    return entry.note.reach.value() - entry.offset;
  };
  CAF_CHECK_EQUAL(beyond_after(1), 4);
  CAF_CHECK_EQUAL(beyond_after(4), 8);
  CAF_CHECK_EQUAL(beyond_after(7), 14);
  CAF_CHECK_EQUAL(beyond_after(30), 20);
  CAF_CHECK_EQUAL(beyond_after(1), 4);
}

CAF_TEST(what is handed out within a mark needs no other one) {
  begin({0, {}});
  fetch_all(0, 5);
  CAF_CHECK_EQUAL(work->take(3, now).size(), 3u);
  commit(pressing::mark);
  CAF_CHECK_EQUAL(work->take(2, now).size(), 2u);
  CAF_CHECK(!work->collect(pressing::mark));
}

CAF_TEST(only the contiguous part of what is settled is committed) {
  begin({0, {}});
  fetch_all(0, 4);
  CAF_CHECK_EQUAL(work->take(4, now).size(), 4u);
  settle(1);
  settle(3);
  CAF_CHECK_EQUAL(commit(pressing::any).offset, 0);
  settle(0);
  CAF_CHECK_EQUAL(commit(pressing::any).offset, 2);
  settle(2);
  CAF_CHECK_EQUAL(commit(pressing::any).offset, 4);
}

CAF_TEST(a commit before its time needs as many settled deliveries as configured) {
  begin({0, {}});
  fetch_all(0, 12);
  handle(9);
  CAF_CHECK(!work->collect(pressing::much));
  handle(1);
  CAF_CHECK_EQUAL(commit(pressing::much).offset, 10);
  handle(2);
  CAF_CHECK(!work->collect(pressing::much));
  CAF_CHECK_EQUAL(commit(pressing::any).offset, 12);
}

CAF_TEST(holes in the log do not stop the commit) {
  begin({0, {}});
  for (const auto offset : {2, 3, 7})
    fetch(offset);
  handle(3);
  CAF_CHECK_EQUAL(commit(pressing::any).offset, 8);
}

CAF_TEST(one commit is under way at a time and the last one overtakes it) {
  begin({0, {}});
  fetch_all(0, 4);
  handle(2);
  CAF_REQUIRE(work->collect(pressing::any).has_value());
  handle(2);
  CAF_CHECK(!work->collect(pressing::any));
  const auto last = work->collect(pressing::last);
  CAF_REQUIRE(last.has_value());
  CAF_CHECK_EQUAL(last->offset, 4);
}

CAF_TEST(a commit that failed is collected again) {
  begin({0, {}});
  fetch_all(0, 1);
  handle(1);
  CAF_REQUIRE(work->collect(pressing::any).has_value());
  work->not_committed();
  CAF_CHECK_EQUAL(commit(pressing::any).offset, 1);
}

CAF_TEST(the effect of a failed commit is not relied upon) {
  begin({0, {}});
  fetch_all(0, 3);
  CAF_CHECK_EQUAL(work->take(1, now).size(), 1u);
  commit(pressing::mark);
  settle(0);
  CAF_REQUIRE(commit(pressing::any).note.reach == std::nullopt);
  CAF_CHECK_EQUAL(work->take(1, now).size(), 1u);
  commit(pressing::mark);
  settle(1);
  CAF_REQUIRE(work->collect(pressing::any)->note.reach == std::nullopt);
  CAF_CHECK(!work->marked(2)); // it may take the mark back any moment
  work->not_committed();
  CAF_CHECK(!work->marked(2)); // or may have done so
  CAF_CHECK_EQUAL(work->take(1, now).size(), 1u);
  commit(pressing::mark);
  CAF_CHECK(work->marked(2));
}

CAF_TEST(a partition where nothing happens takes its mark back) {
  begin({0, {}});
  fetch_all(0, 2);
  CAF_CHECK_EQUAL(work->take(2, now).size(), 2u);
  CAF_CHECK(commit(pressing::mark).note.reach.has_value());
  settle(0);
  settle(1);
  CAF_CHECK(commit(pressing::any) == (commit_entry{3, 2, {}}));
  CAF_CHECK(!work->collect(pressing::any));
}

CAF_TEST(while deliveries are handed out between commits the mark stays) {
  begin({0, {}});
  fetch_all(0, 6);
  CAF_CHECK_EQUAL(work->take(2, now).size(), 2u);
  commit(pressing::mark);
  settle(0);
  settle(1);
  handle(4);
  CAF_CHECK(commit(pressing::any) == (commit_entry{3, 6, {6 + 8, {}}}));
  CAF_CHECK(commit(pressing::any) == (commit_entry{3, 6, {}}));
}

CAF_TEST(the last commit leaves no mark of what was not handed out) {
  begin({0, {}});
  fetch_all(0, 4);
  handle(2);
  commit(pressing::mark);
  CAF_CHECK(commit(pressing::last) == (commit_entry{3, 2, {}}));
}

CAF_TEST(what an earlier process may have had in hand stays marked until it is settled) {
  begin({0, {4, {}}});
  fetch_all(0, 6);
  CAF_CHECK(work->take(9, now) == (offsets{0}));
  settle(0);
  CAF_CHECK(commit(pressing::last) == (commit_entry{3, 1, {4, {}}}));
  for (int suspects = 1; suspects < 4; ++suspects)
    handle(9);
  CAF_CHECK(commit(pressing::last) == (commit_entry{3, 4, {}}));
  CAF_CHECK(work->take(9, now) == (offsets{4, 5}));
}

CAF_TEST(attempts of an earlier process are kept until their delivery is here and then belong to it) {
  begin({0, {std::nullopt, {{1, {2, 2}}, {3, {1, 0}}}}});
  fetch(0);
  handle(1);
  CAF_CHECK(commit(pressing::any).note.attempts == (std::vector<policies::attempted>{{1, {2, 2}}, {3, {1, 0}}}));
  fetch(1);
  CAF_CHECK_EQUAL(work->ledger().attempts(1), 2u);
  fetch(2);
  fetch(4); // 3 is not in the log any more
  CAF_CHECK_EQUAL(work->ledger().attempts(4), 0u);
  handle(9);
  CAF_CHECK(commit(pressing::any).note.attempts.empty());
}

CAF_TEST(neither a restart nor a rebalance ends a delay) {
  begin({0, {std::nullopt, {{0, {1, 1}}, {1, {1, 0}}}}});
  fetch(0);
  fetch(1);
  now += 10s - 1ms;
  CAF_CHECK(work->take(9, now) == (offsets{1})); // its attempt had no answer, and so no delay
  settle(1);
  now += 1ms;
  CAF_CHECK(work->take(9, now) == (offsets{0}));
}

CAF_TEST(a suspect in flight is noted as if it had ended the process) {
  begin({0, {1, {}}});
  fetch(0);
  CAF_CHECK_EQUAL(work->take(1, now).size(), 1u);
  CAF_CHECK(!work->noted(0));
  CAF_CHECK(commit(pressing::mark).note.attempts == (std::vector<policies::attempted>{{0, {1, 0}}}));
  CAF_CHECK(work->noted(0));
  work->ledger().handler_gone(std::vector<std::int64_t>{0}, now, errc::overloaded);
  CAF_REQUIRE(work->collect(pressing::any)->note.attempts.empty());
  now += 1s;
  CAF_CHECK_EQUAL(work->take(1, now).size(), 1u);
  CAF_CHECK(!work->noted(0)); // the commit under way takes it back
  work->not_committed();
  CAF_CHECK(!work->noted(0));
  commit(pressing::mark);
  CAF_CHECK(work->noted(0));
}

CAF_TEST(a record before those that came is reported and changes nothing) {
  begin({5, {}});
  fetch_all(5, 8);
  CAF_CHECK(!fetch(6));
  CAF_CHECK(!fetch(7));
  CAF_CHECK_EQUAL(work->ledger().unsettled(), 3u);
  CAF_CHECK(work->take(9, now) == (offsets{5, 6, 7}));
}

CAF_TEST(a partition is full when its span is and roomy when half of it is settled) {
  begin({0, {}});
  fetch_all(0, 19);
  CAF_CHECK(!work->full());
  fetch(19);
  CAF_CHECK(work->full());
  handle(9);
  CAF_CHECK(!work->full());
  CAF_CHECK(!work->roomy());
  handle(1);
  CAF_CHECK(work->roomy());
}

CAF_TEST(settled deliveries behind one that is not count as the span that a restart handles again) {
  begin({0, {}});
  fetch_all(0, 20);
  CAF_CHECK_EQUAL(work->take(20, now).size(), 20u);
  for (std::int64_t offset = 1; offset < 20; ++offset)
    settle(offset);
  CAF_CHECK(work->full());
  settle(0);
  CAF_CHECK(work->roomy());
}

CAF_TEST(a partition is full when its bytes are and roomy when half of them are settled) {
  begin({0, {}});
  fetch(0, {}, 6000);
  CAF_CHECK(!work->full());
  fetch(1, {}, 6000);
  CAF_CHECK(work->full());
  fetch(2);
  handle(1);
  CAF_CHECK(!work->full());
  CAF_CHECK(!work->roomy());
  handle(1);
  CAF_CHECK(work->roomy());
}

CAF_TEST(deliveries that wait behind a parked one are not counted as ready) {
  begin({0, {}});
  for (std::int64_t offset = 0; offset < 3; ++offset)
    fetch(offset, "key");
  CAF_CHECK_EQUAL(work->ready(), 3u);
  CAF_CHECK(work->take(1, now) == (offsets{0}));
  CAF_REQUIRE(work->ledger().replied(0, retry, now) == policies::settlement::parked);
  CAF_CHECK(work->take(5, now).empty());
  CAF_CHECK_EQUAL(work->ready(), 0u);
  fetch(3, "other");
  CAF_CHECK(work->take(1, now) == (offsets{3}));
  CAF_CHECK_EQUAL(work->ready(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
