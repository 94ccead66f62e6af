#define CAF_SUITE embedded_earlier_file
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/dead_letter_rows.hpp>
#include <troupe/bridges/embedded/groups.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>

#include "../sqlite/schema_2.hpp"
#include "open_file.hpp"

using namespace troupe;
using namespace troupe::embedded;

namespace {

// A stream of two partitions, of which a group has read some, and a dead letter, as version 2 wrote them.
constexpr const char* rows = R"(
INSERT INTO lanes VALUES (1, 'stream', 'stream', 0, 4, 268), (2, 'stream', 'stream', 1, 0, 0);
INSERT INTO messages VALUES
  ((1 << 43) + 1, 10, 'one', x'6b', 'text/plain', '', '', 'first'),
  ((1 << 43) + 2, 11, 'two', NULL, '', '', '', 'second'),
  ((1 << 43) + 3, 12, 'three', NULL, '', '', '', 'third');
INSERT INTO group_offsets VALUES ('g', 1, 1, 3, 0, 16777217), ('g', 2, 0, 0, 0, 16777217);
INSERT INTO recorded_attempts VALUES ('g', 1, 1, 2, 1);
INSERT INTO settled_ahead VALUES ('g', 1, 2);
INSERT INTO dead_letters VALUES
  (5, 'stream', 0, 0, 'g', 'service', 'rejected', 'no', 1, 20, 21, 'zero', NULL, '', '', '', 'bytes');
UPDATE process SET incarnation = 1;
)";

struct earlier_folder {
  earlier_folder() { CAF_REQUIRE(contract::make_schema_2(folder.path(), rows).has_value()); }
  contract::temporary_folder folder;
};

struct fixture : earlier_folder {
  sqlite::database_ptr database = *sqlite::open({.folder = folder.path()});

  template <class Fn>
  void write(Fn body) const {
    const auto done = database->write_and_wait([&](sqlite::connection& on) -> expected<void> {
      body(on);
      return {};
    });
    CAF_REQUIRE(done.has_value());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(embedded_earlier_file_tests, fixture)

CAF_TEST(a subscription goes on where the version before left) {
  write([&](sqlite::connection& on) {
    const destination from{.name = "stream", .partitions = 2};
    const auto found =
      take_over(on, from, {"stream", destination_kind::stream, "g", "service", (std::uint64_t{2} << 24U) + 1});
    CAF_REQUIRE(found.has_value());
    CAF_REQUIRE_EQUAL(found->size(), 2u);
    const auto& first = found->front();
    CAF_CHECK_EQUAL(first.partition.end, 4);
    CAF_CHECK_EQUAL(first.committed, 1);
    CAF_CHECK_EQUAL(first.suspect_until, 3);
    CAF_CHECK_EQUAL(first.attempts.at(1).attempts, 2u);
    CAF_CHECK(first.settled_ahead == std::set<std::int64_t>{2});
    const auto read = fetch(on, first.partition.id, first.committed, 10, 1 << 20);
    CAF_REQUIRE(read.has_value());
    CAF_REQUIRE_EQUAL(read->messages.size(), 3u);
    CAF_CHECK_EQUAL(read->messages.front().content->id, "one");
    CAF_CHECK_EQUAL(read->messages.front().content->payload, "first");
    message next;
    next.id = "four";
    const auto ends = append(on, {first.partition}, {{0, &next}}, timestamp{});
    CAF_REQUIRE(ends.has_value());
    CAF_CHECK(*ends == (partition_ends{{1, 5}}));
  });
}

CAF_TEST(groups and dead letters of the version before are there) {
  write([&](sqlite::connection& on) {
    const auto groups = list_groups(on);
    CAF_REQUIRE(groups.has_value());
    CAF_REQUIRE_EQUAL(groups->size(), 1u);
    CAF_CHECK_EQUAL(groups->front().lag, 2); // one is settled ahead
    const auto back = redrive(on, {.numbers = {5}}, timestamp{});
    CAF_REQUIRE(back.has_value());
    CAF_CHECK(back->ends.at("stream") == (partition_ends{{1, 5}}));
  });
}

CAF_TEST_FIXTURE_SCOPE_END()
