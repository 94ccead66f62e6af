#define CAF_SUITE embedded_retention
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/embedded/partitions.hpp>
#include <troupe/bridges/embedded/retention.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>

#include "open_file.hpp"

using namespace troupe;
using namespace troupe::embedded;
using namespace std::chrono_literals;

namespace {

struct fixture : contract::open_file {
  destination stream;
  timestamp begin{};

  fixture() { stream.name = "stream"; }

  std::vector<stored_partition> partitions() const {
    return *write([&](sqlite::connection& on) { return declare(on, stream); });
  }

  static message any() {
    message made;
    made.id = "0123456789";
    made.key = "key";
    made.content_type = "text/plain";
    made.headers = {{"a header", std::string(12, 'x')}, {"", ""}, {"long", std::string(1234, 'y')}};
    made.payload = std::string(90, 'x');
    return made;
  }

  void add(std::size_t count, timestamp at, std::int32_t partition = 0) const {
    const auto to = partitions();
    const auto one = any();
    const std::vector<addressed_message> messages(count, {partition, &one});
    CAF_REQUIRE(write([&](sqlite::connection& on) { return append(on, to, messages, at); }).has_value());
  }

  void commit(const std::string& group, std::int64_t offset) const {
    progress all;
    all.reader = {"stream", destination_kind::stream, group, "s", 1};
    CAF_REQUIRE(write([&](sqlite::connection& on) { return take_over(on, stream, all.reader); }).has_value());
    all.partitions.push_back({.partition_id = partitions().front().id, .committed = offset});
    CAF_REQUIRE(write([&](sqlite::connection& on) { return write_progress(on, all); }).has_value());
  }

  sqlite::removal step(timestamp now) const {
    return *write([&](sqlite::connection& on) { return remove_expired(on, stream, now); });
  }
  std::int64_t remove(timestamp now) const { return step(now).count; }

  std::int64_t left() const {
    return *write([](sqlite::connection& on) { return on.number("SELECT count(*) FROM messages", 0); });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(retention_tests, fixture)

CAF_TEST(without limits everything stays) {
  add(3, begin);
  CAF_CHECK_EQUAL(remove(begin + 24h * 3650), 0);
}

CAF_TEST(what is too old goes in steps and what is young stays) {
  stream.keep.age = 1h;
  stream.keep.step = 2;
  add(3, begin);
  add(2, begin + 30min);
  CAF_CHECK_EQUAL(remove(begin + 61min), 2);
  CAF_CHECK_EQUAL(remove(begin + 61min), 1);
  CAF_CHECK_EQUAL(remove(begin + 61min), 0);
  CAF_CHECK_EQUAL(left(), 2);
}

CAF_TEST(what is beyond the size goes oldest first) {
  const auto each = weight_of(any());
  stream.keep.bytes = 3 * each;
  add(5, begin);
  CAF_CHECK_EQUAL(remove(begin), 2);
  CAF_CHECK_EQUAL(left(), 3);
  add(1, begin);
  CAF_CHECK_EQUAL(remove(begin), 1);
  CAF_CHECK_EQUAL(left(), 3);
}

CAF_TEST(what was added up is taken off again when it goes) {
  stream.keep.age = 1h;
  add(7, begin);
  CAF_CHECK_EQUAL(remove(begin + 2h), 7);
  CAF_CHECK_EQUAL(*write([](sqlite::connection& on) { return on.number("SELECT bytes FROM partitions", -1); }), 0);
}

CAF_TEST(what a group has not read stays unless the stream drops it) {
  stream.keep.age = 1h;
  add(6, begin);
  commit("slow", 2);
  commit("fast", 5);
  CAF_CHECK_EQUAL(remove(begin + 2h), 2);
  CAF_CHECK_EQUAL(remove(begin + 2h), 0);
  stream.keep.unread_messages = unread::discard;
  CAF_CHECK_EQUAL(remove(begin + 2h), 4);
}

CAF_TEST(what is removed is counted over all partitions) {
  stream.partitions = 3;
  stream.keep.age = 1h;
  stream.keep.step = 3;
  for (std::int32_t partition = 0; partition < 3; ++partition)
    add(static_cast<std::size_t>(partition) + 2, begin, partition);
  const auto first = step(begin + 2h);
  CAF_CHECK_EQUAL(first.count, 2 + 3 + 3);
  CAF_CHECK(first.more);
  const auto last = step(begin + 2h);
  CAF_CHECK_EQUAL(last.count, 1);
  CAF_CHECK(!last.more);
}

CAF_TEST(what is removed before a group has read it is counted for that group) {
  stream.partitions = 2;
  stream.keep.age = 1h;
  stream.keep.unread_messages = unread::discard;
  add(6, begin);
  add(3, begin, 1);
  add(2, begin + 2h);
  commit("slow", 2);
  commit("fast", 5);
  commit("done", 6);
  const auto id = partitions().front().id;
  CAF_REQUIRE(write([&](sqlite::connection& on) {
                return on.run("INSERT INTO settled_ahead VALUES ('slow', ?, 4)", id);
              }).has_value());
  const auto removed = step(begin + 3h);
  CAF_CHECK_EQUAL(removed.count, 9);
  CAF_CHECK(removed.unread == (std::map<std::string, std::int64_t>{{"slow", 3 + 3}, {"fast", 1 + 3}, {"done", 3}}));
  CAF_CHECK(step(begin + 3h).unread.empty());
}

CAF_TEST(offsets go on where they were after everything was removed) {
  stream.keep.age = 1h;
  add(3, begin);
  CAF_CHECK_EQUAL(remove(begin + 2h), 3);
  add(1, begin + 2h);
  CAF_CHECK_EQUAL(partitions().front().end, 4);
  const auto number = partitions().front().id;
  const auto found = *write([&](sqlite::connection& on) { return fetch(on, number, 0, 10, 1 << 20); });
  CAF_REQUIRE_EQUAL(found.messages.size(), 1u);
  CAF_CHECK_EQUAL(found.messages.front().offset, 3);
  CAF_CHECK_EQUAL(found.next, 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
