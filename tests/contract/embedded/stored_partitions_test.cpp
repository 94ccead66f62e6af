#define CAF_SUITE embedded_stored_partitions
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/partitions.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>

#include "open_file.hpp"

using namespace troupe;
using namespace troupe::embedded;

namespace {

struct fixture : contract::open_file {
  expected<std::vector<stored_partition>> declare_as(destination_kind kind, std::int32_t partitions) const {
    destination wanted;
    wanted.name = "d";
    wanted.kind = kind;
    wanted.partitions = partitions;
    return write([&](sqlite::connection& on) { return declare(on, wanted); });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(stored_partitions_tests, fixture)

CAF_TEST(declaring twice gives the same partitions) {
  const auto first = declare_as(destination_kind::stream, 3);
  const auto second = declare_as(destination_kind::stream, 3);
  CAF_REQUIRE_EQUAL(first->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL((*first)[i].number, static_cast<std::int32_t>(i));
    CAF_CHECK_EQUAL((*first)[i].id, (*second)[i].id);
  }
}

CAF_TEST(what exists with other properties is a conflict that names both) {
  CAF_REQUIRE(declare_as(destination_kind::stream, 3).has_value());
  for (const auto& refused : {declare_as(destination_kind::stream, 4), declare_as(destination_kind::queue, 1)}) {
    CAF_REQUIRE(refused.has_error());
    CAF_CHECK_EQUAL(refused.error().code, errc::conflict);
    CAF_CHECK(refused.error().reason.find("stream of 3") != std::string::npos);
  }
}

CAF_TEST(offsets of a partition are never given twice) {
  const auto number = declare_as(destination_kind::stream, 1)->front().id;
  const auto more = [&](std::int64_t count) {
    return *write([&](sqlite::connection& on) { return extend(on, number, count, 10); });
  };
  CAF_CHECK_EQUAL(more(5), 0);
  CAF_CHECK_EQUAL(more(1), 5);
  CAF_CHECK_EQUAL(more(2), 6);
  CAF_CHECK_EQUAL(declare_as(destination_kind::stream, 1)->front().end, 8);
}

CAF_TEST(positions of neighbouring partitions do not touch) {
  CAF_CHECK_EQUAL(offset_at(position_of(3, 77)), 77);
  CAF_CHECK(position_of(4, 0) > position_of(3, (std::int64_t{1} << 43) - 1));
}

CAF_TEST(what an earlier epoch writes is refused after a take over) {
  destination from;
  from.name = "d";
  reader_name first{"d", destination_kind::stream, "g", "s", (std::uint64_t{1} << 24) + 1};
  auto second = first;
  ++second.epoch;
  const auto take = [&](const reader_name& reader) {
    return write([&](sqlite::connection& on) { return take_over(on, from, reader); });
  };
  const auto settle = [&](const reader_name& reader, std::int64_t partition_id, std::int64_t committed) {
    progress all;
    all.reader = reader;
    all.partitions.push_back({.partition_id = partition_id, .committed = committed});
    return write([&](sqlite::connection& on) { return write_progress(on, all); });
  };
  const auto partition_id = take(first)->front().partition.id;
  CAF_CHECK(settle(first, partition_id, 3).has_value());
  CAF_CHECK_EQUAL(take(second)->front().committed, 3);
  const auto late = settle(first, partition_id, 2);
  CAF_REQUIRE(late.has_error());
  CAF_CHECK_EQUAL(late.error().code, errc::cancelled);
  CAF_CHECK_EQUAL(take(second)->front().committed, 3);
}

CAF_TEST(what was handed out is suspect to a later process only) {
  destination from;
  from.name = "d";
  const auto take = [&](std::uint64_t epoch) {
    const reader_name reader{"d", destination_kind::stream, "g", "s", epoch};
    return write([&](sqlite::connection& on) { return take_over(on, from, reader); })->front();
  };
  const auto process = [](std::uint64_t number) { return number << 24U; };
  const auto partition_id = take(process(1) + 1).partition.id;
  static_cast<void>(write([&](sqlite::connection& on) { return extend(on, partition_id, 10, 0); }));
  progress all;
  all.reader = {"d", destination_kind::stream, "g", "s", process(1) + 1};
  all.partitions.push_back({.partition_id = partition_id, .committed = 2, .handed_out = 7});
  CAF_REQUIRE(write([&](sqlite::connection& on) { return write_progress(on, all); }).has_value());
  CAF_CHECK_EQUAL(take(process(1) + 2).suspect_until, 0);
  CAF_CHECK_EQUAL(take(process(2) + 1).suspect_until, 7);
  CAF_CHECK_EQUAL(take(process(2) + 2).suspect_until, 7); // until it is settled
}

CAF_TEST_FIXTURE_SCOPE_END()
