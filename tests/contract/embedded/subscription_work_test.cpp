#define CAF_SUITE embedded_subscription_work
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/subscription_work.hpp>

using namespace troupe;
using namespace troupe::embedded;
using namespace std::chrono_literals;

namespace {

// Drives the decisions by hand: no database, no actors, and time that only the test moves.
struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  subscription_metrics metrics{unsupervised(system, "service/source"), "stream", "group"};
  subscription with;
  instant now{};
  timestamp civil{1h};
  std::optional<subscription_work> work;

  fixture() {
    with.from.name = "stream";
    with.group = "group";
    with.batch = 4;
    with.redelivery.delays = {10s};
  }

  void begin(std::vector<partition_record> partitions) {
    with.from.partitions = static_cast<std::int32_t>(partitions.size());
    work.emplace(with, reader_name{"stream", destination_kind::stream, "group", "service", 1}, std::move(partitions),
                 metrics);
  }

  static partition_record partition_with(std::int64_t number, std::int64_t end, std::int64_t suspect_until = 0) {
    return {{number, static_cast<std::int32_t>(number), end}, 0, suspect_until, {}, {}};
  }

  static fetched_message row(std::int64_t offset, const std::string& key = {}) {
    message made;
    made.id = "id-" + std::to_string(offset);
    if (!key.empty())
      made.key = key;
    return {offset, made};
  }

  // Reads `count` messages from each partition.
  void read(std::int64_t count) {
    std::map<std::int64_t, int> times;
    while (auto plan =
             work->next_fetch(now, [&](std::int64_t partition_id, std::int64_t) { return times[partition_id]++ == 0; })) {
      fetched_messages found;
      for (auto offset = plan->from; offset < count; ++offset)
        found.messages.push_back(row(offset));
      found.next = count;
      work->fetched(*plan, std::move(found), now);
    }
  }

  std::optional<progress> next_write() { return work->next_write(now, civil); }

  // Writes whatever there is; how many times.
  int write_all() {
    auto times = 0;
    for (; next_write(); ++times)
      work->written({}, now);
    return times;
  }

  void answer(const hand_out& out, verdict how = verdict::done) {
    replies all;
    all.each.resize(out.request.batch.size(), {how, {errc::unavailable, "away"}});
    work->answered(out.batch, all, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(subscription_work_tests, fixture)

CAF_TEST(nothing is handed out before it is written down that it is) {
  begin({partition_with(1, 10)});
  read(3);
  CAF_CHECK(!work->next_reload(now));
  CAF_CHECK(!work->next_hand_out());
  const auto mark = next_write();
  CAF_REQUIRE(mark.has_value());
  CAF_CHECK_EQUAL(mark->partitions.front().handed_out, 3);
  CAF_CHECK_EQUAL(mark->partitions.front().committed, 0);
  CAF_CHECK(mark->needs == sqlite::durability::unsynced);
  CAF_CHECK(!work->next_hand_out());
  work->written({}, now);
  CAF_CHECK_EQUAL(work->next_hand_out()->request.batch.size(), 3u);
}

CAF_TEST(a mark that could not be written is written again after a pause and nothing is handed out meanwhile) {
  begin({partition_with(1, 10)});
  read(3);
  CAF_CHECK(!work->next_reload(now));
  CAF_REQUIRE(next_write().has_value());
  work->written(failure{errc::storage_failed, "full"}, now);
  CAF_CHECK(!work->next_hand_out());
  CAF_CHECK(!next_write());
  const auto due = work->next_due(now);
  CAF_REQUIRE(due.has_value());
  CAF_CHECK(*due > now);
  now = *due;
  CAF_CHECK_EQUAL(write_all(), 1);
  CAF_CHECK(work->next_hand_out().has_value());
}

CAF_TEST(one mark covers every batch of what was read) {
  with.batches_in_flight = 3;
  begin({partition_with(1, 100)});
  read(12);
  CAF_CHECK(!work->next_reload(now));
  CAF_CHECK_EQUAL(write_all(), 1);
  auto batches = 0;
  while (work->next_hand_out())
    ++batches;
  CAF_CHECK_EQUAL(batches, 3);
}

CAF_TEST(what is done is committed up to the first that is not) {
  begin({partition_with(1, 10)});
  read(4);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  const auto out = work->next_hand_out();
  replies mixed;
  mixed.each = {{}, {verdict::retry, {errc::unavailable, "away"}}, {}, {}};
  work->answered(out->batch, mixed, now);
  const auto settled = next_write();
  CAF_REQUIRE(settled.has_value());
  CAF_CHECK_EQUAL(settled->partitions.front().committed, 1);
  CAF_CHECK(settled->needs == sqlite::durability::synced);
  CAF_REQUIRE_EQUAL(settled->partitions.front().attempts.size(), 1u);
  CAF_CHECK_EQUAL(settled->partitions.front().attempts.front().offset, 1);
  CAF_CHECK_EQUAL(settled->partitions.front().attempts.front().count.attempts, 1u);
}

CAF_TEST(what is to be retried is read again when it is due) {
  begin({partition_with(1, 10)});
  read(1);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  answer(*work->next_hand_out(), verdict::retry);
  write_all();
  CAF_CHECK(!work->next_reload(now));
  now += 10s;
  const auto plan = work->next_reload(now);
  CAF_REQUIRE(plan.has_value());
  CAF_CHECK(plan->offsets == (std::vector<std::int64_t>{0}));
  CAF_CHECK(!work->next_reload(now));
  work->reloaded(*plan, std::vector<fetched_message>{row(0)}, now);
  CAF_CHECK(!work->next_reload(now));
  const auto again = work->next_hand_out();
  CAF_REQUIRE(again.has_value());
  CAF_CHECK_EQUAL(again->request.batch.front().attempts, 1u);
  answer(*again);
  const auto settled = next_write();
  CAF_REQUIRE(settled.has_value());
  CAF_CHECK_EQUAL(settled->partitions.front().committed, 1);
  CAF_CHECK(settled->partitions.front().attempts_to_forget == (std::vector<std::int64_t>{0}));
}

CAF_TEST(a restart does not end a delay) {
  auto from = partition_with(1, 10);
  from.attempts[0] = {1, 1};
  begin({from});
  read(1);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  CAF_CHECK(!work->next_hand_out());
  now += 10s;
  CAF_CHECK(!work->next_reload(now)); // its bytes are here
  write_all();
  const auto again = work->next_hand_out();
  CAF_REQUIRE(again.has_value());
  CAF_CHECK_EQUAL(again->request.batch.front().attempts, 1u);
}

CAF_TEST(a read that fails is repeated after a pause) {
  begin({partition_with(1, 10)});
  const auto always = [](std::int64_t, std::int64_t) { return true; };
  const auto plan = work->next_fetch(now, always);
  CAF_REQUIRE(plan.has_value());
  CAF_CHECK(!work->next_fetch(now, always));
  work->fetched(*plan, failure{errc::storage_failed, "gone"}, now);
  CAF_CHECK(!work->next_fetch(now, always));
  now = work->next_due(now).value();
  CAF_CHECK(work->next_fetch(now, always).has_value());
}

CAF_TEST(suspects go one at a time over all partitions and each is recorded first) {
  begin({partition_with(1, 10, 2), partition_with(2, 10, 2)});
  read(3);
  for (int suspects = 0; suspects < 4; ++suspects) {
    CAF_CHECK(!work->next_reload(now));
    CAF_CHECK(!work->next_hand_out());
    const auto record = next_write();
    CAF_REQUIRE(record.has_value());
    std::size_t recorded = 0;
    for (const auto& each : record->partitions)
      recorded += each.attempts.size();
    CAF_CHECK_EQUAL(recorded, 1u);
    work->written({}, now);
    const auto out = work->next_hand_out();
    CAF_REQUIRE(out.has_value());
    CAF_CHECK_EQUAL(out->request.batch.size(), 1u);
    CAF_CHECK(!work->next_reload(now));
    CAF_CHECK(!work->next_hand_out());
    answer(*out);
  }
  CAF_CHECK(!work->next_reload(now));
  write_all();
  CAF_CHECK_EQUAL(work->next_hand_out()->request.batch.size(), 2u);
}

CAF_TEST(a suspect waits until what is in flight has come back) {
  begin({partition_with(1, 10), partition_with(2, 10, 1)});
  const auto only = [this](std::int64_t wanted) {
    const auto plan = work->next_fetch(now, [&](std::int64_t partition_id, std::int64_t) { return partition_id == wanted; });
    CAF_REQUIRE(plan.has_value());
    work->fetched(*plan, fetched_messages{{row(0)}, 1}, now);
    CAF_CHECK(!work->next_reload(now));
    write_all();
  };
  only(1);
  const auto first = work->next_hand_out();
  CAF_REQUIRE(first.has_value());
  only(2);
  CAF_CHECK(!work->next_hand_out());
  answer(*first);
  CAF_CHECK(work->next_hand_out().has_value());
}

CAF_TEST(a pause holds every partition and then one probe at a time goes) {
  begin({partition_with(1, 10), partition_with(2, 10)});
  read(3);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  while (const auto out = work->next_hand_out()) {
    replies held;
    held.each.resize(out->request.batch.size(), {verdict::untouched, {errc::none, {}}});
    held.pause = hold{1s, 1};
    work->answered(out->batch, held, now);
  }
  const auto go = [this] {
    while (const auto plan = work->next_reload(now)) {
      std::vector<fetched_message> rows;
      for (const auto each : plan->offsets)
        rows.push_back(row(each));
      work->reloaded(*plan, std::move(rows), now);
    }
    write_all();
    return work->next_hand_out();
  };
  CAF_CHECK(!go());
  CAF_CHECK(work->next_due(now) == now + 1s);
  now += 1s;
  const auto probe = go();
  CAF_REQUIRE(probe.has_value());
  CAF_CHECK_EQUAL(probe->request.batch.size(), 1u);
  CAF_CHECK(!go());
  answer(*probe);
  CAF_CHECK(go()->request.batch.size() > 1);
}

CAF_TEST(a dead letter is written with its settlement and the commit follows) {
  begin({partition_with(1, 10)});
  read(1);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  now += 5s;
  answer(*work->next_hand_out(), verdict::reject);
  const auto aside = next_write();
  CAF_REQUIRE(aside.has_value());
  CAF_REQUIRE_EQUAL(aside->letters.size(), 1u);
  const auto& letter = aside->letters.front();
  CAF_CHECK(letter.from == (origin{"stream", 1, 0}));
  CAF_CHECK(letter.why == (failure{errc::unavailable, "away"}));
  CAF_CHECK_EQUAL(letter.attempts, 1u);
  CAF_CHECK(letter.last_failure == civil);
  CAF_CHECK_EQUAL(aside->partitions.front().committed, 0);
  work->written({}, now);
  const auto commit = next_write();
  CAF_REQUIRE(commit.has_value());
  CAF_CHECK_EQUAL(commit->partitions.front().committed, 1);
  CAF_CHECK(commit->partitions.front().settled_ahead == partition_progress::ahead::forget);
}

CAF_TEST(a drain takes back what has not reached the handler and clears the mark last) {
  with.batches_in_flight = 1;
  begin({partition_with(1, 20)});
  read(8);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  const auto out = work->next_hand_out();
  work->drain(now);
  CAF_CHECK(!work->idle());
  CAF_CHECK_EQUAL(work->unfinished(), 4u);
  answer(*out);
  CAF_CHECK(work->idle());
  CAF_CHECK(!work->next_reload(now));
  CAF_CHECK(!work->next_hand_out());
  const auto last = work->last_write(partition_work::marking::cleared, now, civil);
  CAF_REQUIRE(last.has_value());
  CAF_CHECK_EQUAL(last->partitions.front().committed, 4);
  CAF_CHECK_EQUAL(last->partitions.front().handed_out, 4);
  work->written({}, now);
  CAF_CHECK(!work->last_write(partition_work::marking::cleared, now, civil));
  CAF_CHECK_EQUAL(work->unfinished(), 0u);
}

CAF_TEST(an answer to a batch that is not in flight is discarded) {
  begin({partition_with(1, 10)});
  read(1);
  work->answered(77, replies{{{}}, std::nullopt}, now);
  work->gone(77, errc::actor_failed, now);
  CAF_CHECK(!work->next_reload(now));
  write_all();
  CAF_CHECK(work->next_hand_out().has_value());
}

CAF_TEST(a key that waits behind a parked delivery does not keep the others waiting) {
  with.read_ahead_bytes = 4000;
  begin({partition_with(1, 200)});
  const auto always = [](std::int64_t, std::int64_t) { return true; };
  std::vector<std::string> seen;
  for (int round = 0; round < 100 && (seen.empty() || seen.back() != "id-150"); ++round) {
    if (const auto plan = work->next_fetch(now, always)) {
      fetched_messages found;
      for (std::size_t i = 0; i < plan->at_most && i < 5; ++i) {
        const auto offset = plan->from + static_cast<std::int64_t>(i);
        found.messages.push_back(row(offset, offset == 150 ? "free" : "parked"));
      }
      found.next = plan->from + static_cast<std::int64_t>(found.messages.size());
      work->fetched(*plan, std::move(found), now);
    }
    CAF_CHECK(!work->next_reload(now));
    write_all();
    while (const auto out = work->next_hand_out()) {
      replies mixed;
      for (const auto& each : out->request.batch) {
        seen.push_back(each.content.id);
        mixed.each.push_back(each.content.id == "id-0"
                               ? reply{verdict::retry, {errc::unavailable, "away"}}
                               : reply{each.content.key == "free" ? verdict::done : verdict::untouched, {}});
      }
      work->answered(out->batch, mixed, now);
    }
  }
  CAF_CHECK_EQUAL(seen.back(), "id-150");
}

CAF_TEST(a reader far behind holds no more than its window) {
  begin({partition_with(1, 1'000'000)});
  std::size_t held = 0;
  const auto always = [](std::int64_t, std::int64_t) { return true; };
  while (const auto plan = work->next_fetch(now, always)) {
    fetched_messages found;
    for (std::size_t i = 0; i < plan->at_most; ++i)
      found.messages.push_back(row(plan->from + static_cast<std::int64_t>(i)));
    held += plan->at_most;
    found.next = plan->from + static_cast<std::int64_t>(plan->at_most);
    work->fetched(*plan, std::move(found), now);
  }
  CAF_CHECK_EQUAL(held, 16u); // four batches
}

CAF_TEST_FIXTURE_SCOPE_END()
