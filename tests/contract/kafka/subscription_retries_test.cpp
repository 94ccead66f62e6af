#define CAF_SUITE kafka_subscription_retries
#include "subscription_driver.hpp"

// Delayed retries that wait in a topic of their own: on their way there, and when they are read from there.

using namespace troupe;
using namespace troupe::contract;

namespace {

struct fixture : subscription_driver {
  fixture() {
    with.batch = 1;
    with.redelivery.delays = {10s, 30s};
  }

  void begin_before() {
    with.delayed = retry_location::topic;
    begin();
  }

  void begin_behind() {
    with.topic = "topic.retry";
    with.retries_of = "topic";
    begin();
  }

  // Has the first of a key fail, so that it wants to wait in the topic.
  retry_order fail_first() {
    fetch(0, 0, "key");
    fetch(0, 1, "key");
    answer(require_next(), verdict::retry);
    auto orders = work->next_retries(now, civil);
    CAF_REQUIRE_EQUAL(orders.size(), 1u);
    return std::move(orders.front());
  }

  void fetch_retry(std::int64_t offset, duration due_in, const std::string& key = "key") {
    message made;
    made.id = "id-of-" + std::to_string(offset);
    made.key = key;
    made.headers = {{"own", "header"}};
    retry_record record;
    record.letter.from = {"topic", 7, 100 + offset};
    record.letter.attempts = 1;
    record.letter.first_failure = timestamp{30min};
    record.group = "group";
    record.answered = 1;
    work->fetched(0, offset, std::move(made), now, waiting_retry{std::move(record), now + due_in});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(subscription_retries_tests, fixture)

CAF_TEST(a delivery that must wait goes to the topic of retries and its key goes on) {
  begin_before();
  const auto order = fail_first();
  CAF_CHECK((order.record.letter.from == origin{"topic", 0, 0}));
  CAF_CHECK_EQUAL(order.record.letter.content.id, "id-0");
  CAF_CHECK(order.record.letter.why == away);
  CAF_CHECK_EQUAL(order.record.letter.attempts, 1u);
  CAF_CHECK_EQUAL(order.record.answered, 1u);
  CAF_CHECK_EQUAL(order.record.group, "group");
  CAF_CHECK(order.record.due == civil + 10s);
  CAF_CHECK(work->next_retries(now, civil).empty());
  CAF_CHECK(!next()); // it is settled when it is there, and not before
  work->published(order.ticket, {}, now);
  CAF_CHECK((offsets_of(require_next()) == offsets{1}));
  CAF_CHECK_EQUAL(counted("settled"), 1);
  now += with.commit_every;
  const auto entries = commit();
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 1);
}

CAF_TEST(a delivery that the topic of retries does not take waits in the assignment) {
  begin_before();
  const auto order = fail_first();
  work->published(order.ticket, away, now);
  CAF_CHECK(!next());
  now += 10s;
  CAF_CHECK((offsets_of(require_next()) == offsets{0}));
  CAF_CHECK_EQUAL(counted("settled"), 0);
}

CAF_TEST(a delivery that may be in the topic of retries does not come again until it is known that it is not) {
  begin_before();
  const auto order = fail_first();
  now += 10s;
  CAF_CHECK(!next());
  work->published(order.ticket, away, now);
  CAF_CHECK((offsets_of(require_next()) == offsets{0}));
}

CAF_TEST(a partition that leaves waits until it is known whether its retries are in their topic) {
  begin_before();
  const auto order = fail_first();
  work->leaves(0, now);
  CAF_CHECK(!work->settled_down());
  work->published(order.ticket, {}, now);
  CAF_CHECK(work->settled_down());
  const auto last = work->last_commit();
  CAF_REQUIRE_EQUAL(last.size(), 1u);
  CAF_CHECK_EQUAL(last.front().offset, 1);
}

CAF_TEST(a retry is handed out when it is due and as what it was) {
  begin_behind();
  fetch_retry(0, 10s);
  fetch_retry(1, 1s);
  CAF_CHECK(!next());
  CAF_CHECK(work->next_due(now) == now + 1s);
  now += 1s;
  const auto out = require_next();
  const auto& only = out.request.batch.front();
  CAF_CHECK((only.from == origin{"topic", 7, 101}));
  CAF_CHECK_EQUAL(only.content.id, "id-of-1");
  CAF_CHECK((only.content.headers == header_list{{"own", "header"}}));
  CAF_CHECK_EQUAL(only.attempts, 1u);
  answer(out);
  now += 9s;
  CAF_CHECK((require_next().request.batch.front().from == origin{"topic", 7, 100}));
}

CAF_TEST(a retry that fails waits for the next delay and then is a dead letter of where it came from) {
  begin_behind();
  fetch_retry(0, duration::zero());
  answer(require_next(), verdict::retry);
  CAF_CHECK(work->next_retries(now, civil).empty());
  now += 30s - 1ns;
  CAF_CHECK(!next());
  now += 1ns;
  answer(require_next(), verdict::retry);
  const auto letters = work->next_letters(now, civil);
  CAF_REQUIRE_EQUAL(letters.size(), 1u);
  const auto& letter = letters.front().letter;
  CAF_CHECK((letter.from == origin{"topic", 7, 100}));
  CAF_CHECK_EQUAL(letter.attempts, 3u);
  CAF_CHECK(letter.first_failure == timestamp{30min});
  CAF_CHECK(letter.last_failure == civil);
  CAF_CHECK((letter.content.headers == header_list{{"own", "header"}}));
}

CAF_TEST(a retry of another group is passed by and committed) {
  begin_behind();
  CAF_CHECK(!work->passed(0, 0, {}, now));
  CAF_CHECK(!work->passed(0, 1, {}, now));
  CAF_CHECK(!next());
  now += with.commit_every;
  const auto entries = work->next_commit(now);
  CAF_REQUIRE_EQUAL(entries.size(), 1u);
  CAF_CHECK_EQUAL(entries.front().offset, 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
