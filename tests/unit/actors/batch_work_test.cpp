#define CAF_SUITE batch_work
#include <troupe_test/suite.hpp>

#include <string>

#include <troupe/actors/batch_work.hpp>

using namespace troupe;
using actors::batch_work;
using namespace std::chrono_literals;

namespace {

delivery one(std::int64_t offset, std::optional<std::string> key = std::nullopt) {
  delivery result;
  result.from = {"topic", 0, offset};
  result.content.id = std::to_string(offset);
  result.content.key = std::move(key);
  return result;
}

std::vector<std::int64_t> offsets(const deliveries& what) {
  std::vector<std::int64_t> result;
  for (const auto& each : what.batch)
    result.push_back(each.from.offset);
  return result;
}

std::string verdicts(const replies& what) {
  std::string result;
  for (const auto& each : what.each)
    result += "DRXU"[static_cast<int>(each.verdict)];
  return result;
}

const reply done{verdict::done};
const reply untouched{verdict::untouched};
reply retry(errc code = errc::unavailable) {
  return {verdict::retry, {code, "r"}};
}
const reply reject{verdict::reject, {errc::undecodable, "x"}};

using numbers = std::vector<std::int64_t>;
const policies::retry_config three;

} // namespace

CAF_TEST(a batch that is all done finishes in one attempt) {
  batch_work work{{one(1), one(2)}};
  CAF_CHECK_EQUAL(offsets(work.next_attempt()), (numbers{1, 2}));
  CAF_CHECK(work.answered({{done, done}, {}}) == errc::none);
  CAF_CHECK(work.finished());
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "DD");
}

CAF_TEST(a transient failure is retried in place with those of its key behind it and nobody else) {
  batch_work work{{one(1, "a"), one(2, "b"), one(3, "a")}};
  work.answered({{retry(), done, untouched}, {}});
  CAF_CHECK(!work.finished());
  CAF_CHECK(work.next_pause(three) == 100ms);
  CAF_CHECK_EQUAL(offsets(work.next_attempt()), (numbers{1, 3}));
  work.answered({{done, done}, {}});
  CAF_CHECK(work.finished());
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "DDD");
}

CAF_TEST(retries double their pause and end after three) {
  batch_work work{{one(1)}};
  work.answered({{retry()}, {}});
  CAF_CHECK(work.next_pause(three) == 100ms);
  work.answered({{retry()}, {}});
  CAF_CHECK(work.next_pause(three) == 200ms);
  work.answered({{retry()}, {}});
  CAF_CHECK(work.next_pause(three) == 400ms);
  work.answered({{retry(errc::storage_failed)}, {}});
  CAF_CHECK(!work.next_pause(three));
  work.give_up();
  const auto result = work.take_replies();
  CAF_CHECK_EQUAL(verdicts(result), "R");
  CAF_CHECK(result.each[0].why.code == errc::storage_failed);
}

CAF_TEST(what waits behind a delivery that was given up is untouched) {
  batch_work work{{one(1, "a"), one(2, "a"), one(3)}};
  work.answered({{retry(), untouched, done}, {}});
  work.give_up();
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "RUD");
}

CAF_TEST(a rejected delivery is final and those of its key behind it are untouched) {
  batch_work work{{one(1, "a"), one(2, "a"), one(3, "b")}};
  work.answered({{reject, untouched, done}, {}});
  CAF_CHECK(work.finished());
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "XUD");
}

CAF_TEST(a delivery that the handler left alone of itself is not attempted again) {
  batch_work work{{one(1), one(2)}};
  work.answered({{untouched, done}, {}});
  CAF_CHECK(work.finished());
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "UD");
}

CAF_TEST(a batch that ends its handler is run again singly and only the culprit pays) {
  batch_work work{{one(1, "a"), one(2, "b"), one(3, "b"), one(4)}};
  work.failed({errc::actor_failed, "it threw"});
  CAF_CHECK(work.next_pause(three) == duration::zero());
  CAF_CHECK_EQUAL(offsets(work.next_attempt()), (numbers{1}));
  work.answered({{done}, {}});
  CAF_CHECK(work.next_pause(three) == duration::zero());
  CAF_CHECK_EQUAL(offsets(work.next_attempt()), (numbers{2}));
  work.failed({errc::actor_failed, "it threw"});
  CAF_CHECK(work.next_pause(three) == duration::zero());
  CAF_CHECK_EQUAL(offsets(work.next_attempt()), (numbers{4}));
  work.answered({{done}, {}});
  CAF_CHECK(work.finished());
  const auto result = work.take_replies();
  CAF_CHECK_EQUAL(verdicts(result), "DRUD");
  CAF_CHECK(result.each[1].why.code == errc::actor_failed);
}

CAF_TEST(an attempt without an answer in time is a dependency failure and is retried whole) {
  batch_work work{{one(1, "a"), one(2, "a")}};
  work.failed({errc::deadline_exceeded, {}});
  CAF_CHECK(work.next_pause(three) == 100ms);
  CAF_CHECK_EQUAL(offsets(work.next_attempt()), (numbers{1, 2}));
  work.failed({errc::deadline_exceeded, {}});
  work.give_up();
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "RU");
}

CAF_TEST(what is released costs no attempt) {
  batch_work work{{one(1), one(2)}};
  work.answered({{retry(), done}, {}});
  work.release();
  CAF_CHECK(work.finished());
  CAF_CHECK_EQUAL(verdicts(work.take_replies()), "UD");
}

CAF_TEST(an answer speaks against the dependency only when nothing was done because of it) {
  batch_work some{{one(1), one(2)}};
  CAF_CHECK(some.answered({{retry(), done}, {}}) == errc::none);
  batch_work none{{one(1), one(2)}};
  CAF_CHECK(none.answered({{retry(), retry()}, {}}) == errc::unavailable);
  batch_work rejected{{one(1)}};
  CAF_CHECK(rejected.answered({{reject}, {}}) == errc::none);
}

CAF_TEST(a wrong number of replies counts as a failed handler) {
  batch_work work{{one(1)}};
  work.answered({{done, done}, {}});
  CAF_CHECK(work.finished());
  const auto result = work.take_replies();
  CAF_CHECK_EQUAL(verdicts(result), "R");
  CAF_CHECK(result.each[0].why.code == errc::actor_failed);
}

CAF_TEST(the pause that a handler asks for is passed on) {
  batch_work work{{one(1)}};
  work.answered({{untouched}, hold{3s, 2}});
  CAF_REQUIRE(work.finished());
  CAF_CHECK(work.take_replies().pause == (hold{3s, 2}));
}
