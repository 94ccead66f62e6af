#define CAF_SUITE embedded_lanes
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/lanes.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>

#include "open_file.hpp"

using namespace troupe;
using namespace troupe::embedded;

namespace {

struct fixture : contract::open_file {
  expected<std::vector<lane>> declare_as(destination_kind kind, std::int32_t partitions) const {
    destination what;
    what.name = "d";
    what.kind = kind;
    what.partitions = partitions;
    return write([&](sqlite::connection& on) { return declare(on, what); });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(lanes_tests, fixture)

CAF_TEST(declaring twice gives the same lanes) {
  const auto first = declare_as(destination_kind::stream, 3);
  const auto second = declare_as(destination_kind::stream, 3);
  CAF_REQUIRE_EQUAL(first->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL((*first)[i].partition, static_cast<std::int32_t>(i));
    CAF_CHECK_EQUAL((*first)[i].number, (*second)[i].number);
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

CAF_TEST(offsets of a lane are never given twice) {
  const auto number = declare_as(destination_kind::stream, 1)->front().number;
  const auto more = [&](std::int64_t count) {
    return *write([&](sqlite::connection& on) { return extend(on, number, count, 10); });
  };
  CAF_CHECK_EQUAL(more(5), 0);
  CAF_CHECK_EQUAL(more(1), 5);
  CAF_CHECK_EQUAL(more(2), 6);
  CAF_CHECK_EQUAL(declare_as(destination_kind::stream, 1)->front().end, 8);
}

CAF_TEST(positions of neighbouring lanes do not touch) {
  CAF_CHECK_EQUAL(offset_at(position_of(3, 77)), 77);
  CAF_CHECK(position_of(4, 0) > position_of(3, (std::int64_t{1} << 43) - 1));
}

CAF_TEST(what an earlier epoch writes is refused after a take over) {
  destination from;
  from.name = "d";
  reader_name first{"d", destination_kind::stream, "g", "s", (std::uint64_t{1} << 24) + 1};
  auto second = first;
  ++second.epoch;
  const auto take = [&](const reader_name& who) {
    return write([&](sqlite::connection& on) { return take_over(on, from, who); });
  };
  const auto settle = [&](const reader_name& who, std::int64_t lane, std::int64_t committed) {
    progress what;
    what.who = who;
    what.lanes.push_back({.lane = lane, .committed = committed});
    return database->write_and_wait([&](sqlite::connection& on) { return write_progress(on, what); });
  };
  const auto lane = take(first)->front().place.number;
  CAF_CHECK(settle(first, lane, 3).has_value());
  CAF_CHECK_EQUAL(take(second)->front().committed, 3);
  const auto late = settle(first, lane, 2);
  CAF_REQUIRE(late.has_error());
  CAF_CHECK_EQUAL(late.error().code, errc::cancelled);
  CAF_CHECK_EQUAL(take(second)->front().committed, 3);
}

CAF_TEST(what was handed out is suspect to a later process only) {
  destination from;
  from.name = "d";
  const auto take = [&](std::uint64_t epoch) {
    const reader_name who{"d", destination_kind::stream, "g", "s", epoch};
    return write([&](sqlite::connection& on) { return take_over(on, from, who); })->front();
  };
  const auto process = [](std::uint64_t number) { return number << 24U; };
  const auto lane = take(process(1) + 1).place.number;
  static_cast<void>(write([&](sqlite::connection& on) { return extend(on, lane, 10, 0); }));
  progress what;
  what.who = {"d", destination_kind::stream, "g", "s", process(1) + 1};
  what.lanes.push_back({.lane = lane, .committed = 2, .handed_out = 7});
  CAF_REQUIRE(database->write_and_wait([&](sqlite::connection& on) { return write_progress(on, what); }).has_value());
  CAF_CHECK_EQUAL(take(process(1) + 2).suspect_until, 0);
  CAF_CHECK_EQUAL(take(process(2) + 1).suspect_until, 7);
  CAF_CHECK_EQUAL(take(process(2) + 2).suspect_until, 7); // until it is settled
}

CAF_TEST_FIXTURE_SCOPE_END()
