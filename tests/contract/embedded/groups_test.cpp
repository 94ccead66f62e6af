#define CAF_SUITE embedded_groups
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/groups.hpp>
#include <troupe/bridges/embedded/partitions.hpp>
#include <troupe/bridges/embedded/retention.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>

#include "open_file.hpp"

using namespace troupe;
using namespace troupe::embedded;

namespace {

struct fixture : contract::open_file {
  destination stream{.name = "stream", .partitions = 2};
  destination queue{.name = "queue", .kind = destination_kind::queue};

  struct addressed {
    std::int32_t partition = 0;
    message content;
  };

  void add(const destination& to, const std::vector<addressed>& messages) const {
    std::vector<addressed_message> all;
    for (const auto& each : messages)
      all.push_back({each.partition, &each.content});
    const auto done = write([&](sqlite::connection& on) -> expected<partition_ends> {
      const auto partitions = declare(on, to);
      return partitions.has_error() ? expected<partition_ends>{partitions.error()}
                                    : append(on, *partitions, all, timestamp{});
    });
    CAF_REQUIRE(done.has_value());
  }

  static addressed of_size(std::int32_t partition, std::size_t bytes) {
    message made;
    made.id = "id";
    made.payload = std::string(bytes, 'x');
    return {partition, made};
  }

  /// Reads with a group, as the process of that incarnation does, and settles what is below `committed`.
  void read(const std::string& group, std::int64_t incarnation, std::int64_t committed) const {
    reader_name reader{stream.name, destination_kind::stream, group, "service",
                       static_cast<std::uint64_t>(incarnation) << 24U | 1U};
    const auto done = write([&](sqlite::connection& on) -> expected<void> {
      const auto partitions = take_over(on, stream, reader);
      if (partitions.has_error())
        return partitions.error();
      progress all{.reader = reader};
      all.partitions.push_back({.partition_id = partitions->front().partition.id, .committed = committed});
      const auto written = write_progress(on, all);
      return written.has_error() ? expected<void>{written.error()} : expected<void>{};
    });
    CAF_REQUIRE(done.has_value());
  }

  std::vector<group_standing> listed() const {
    return *write([](sqlite::connection& on) { return list_groups(on); });
  }

  // As a command does: over a connection of its own.
  expected<std::int64_t> remove(const group_name& which, file_use use) const {
    auto on = sqlite::connection::open(database->file(), sqlite::access::write);
    CAF_REQUIRE(on.has_value());
    return remove_group(*on, which, use);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(embedded_groups_tests, fixture)

CAF_TEST(a group is listed with what it has not read) {
  add(stream, {of_size(0, 100), of_size(0, 100), of_size(1, 1000)});
  add(queue, {of_size(0, 10)});
  read("behind", database->incarnation() - 1, 0);
  read("ahead", database->incarnation(), 2);
  const auto all = listed();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].group, "ahead");
  CAF_CHECK_EQUAL(all[0].stream, "stream");
  CAF_CHECK_EQUAL(all[0].partitions, 2);
  CAF_CHECK_EQUAL(all[0].lag, 1);
  CAF_CHECK(all[0].bytes > 1000 && all[0].bytes < 1200);
  CAF_CHECK(all[0].latest);
  CAF_CHECK_EQUAL(all[1].group, "behind");
  CAF_CHECK_EQUAL(all[1].lag, 3);
  CAF_CHECK(all[1].bytes > 1200);
  CAF_CHECK(!all[1].latest);
}

CAF_TEST(a removed group no longer keeps what it has not read) {
  add(stream, {of_size(0, 100), of_size(0, 100)});
  read("behind", database->incarnation() - 1, 0);
  read("ahead", database->incarnation(), 2);
  stream.keep.bytes = 0;
  const auto expire = [this] {
    return (*write([this](sqlite::connection& on) { return remove_expired(on, stream, timestamp{}); })).count;
  };
  CAF_CHECK_EQUAL(expire(), 0);
  CAF_CHECK_EQUAL(*remove({"behind", {}}, file_use::in_use), 2);
  CAF_CHECK_EQUAL(expire(), 2);
  CAF_REQUIRE_EQUAL(listed().size(), 1u);
  CAF_CHECK_EQUAL(listed().front().group, "ahead");
}

CAF_TEST(a group that the running program reads with is not removed) {
  read("ahead", database->incarnation(), 0);
  const auto refused = remove({"ahead", {}}, file_use::in_use);
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK_EQUAL(refused.error().code, errc::conflict);
  CAF_CHECK_EQUAL(listed().size(), 1u);
  CAF_CHECK(remove({"ahead", {}}, file_use::idle).has_value());
  CAF_CHECK(listed().empty());
}

CAF_TEST(an unknown group is refused and nothing is removed) {
  add(queue, {of_size(0, 10)});
  read("ahead", database->incarnation() - 1, 0);
  for (const auto& each : {group_name{"other", {}}, group_name{"", {}}, group_name{"ahead", "elsewhere"}}) {
    const auto refused = remove(each, file_use::idle);
    CAF_REQUIRE(refused.has_error());
    CAF_CHECK_EQUAL(refused.error().code, errc::not_found);
  }
  CAF_CHECK_EQUAL(listed().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
