#define CAF_SUITE timetable

#include <troupe_test/suite.hpp>

#include <vector>

#include <troupe/policies/timetable.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using troupe::policies::timetable;
using troupe_test::at;

using offsets = std::vector<std::int64_t>;

CAF_TEST(what is due comes in the order of its time and only once) {
  timetable table;
  table.add(at(3s), 1);
  table.add(at(1s), 2);
  table.add(at(2s), 3);
  CAF_CHECK(table.next() == at(1s));
  CAF_CHECK(table.take_due(at(1s) - 1ns).empty());
  CAF_CHECK(table.take_due(at(2s)) == (offsets{2, 3}));
  CAF_CHECK(table.take_due(at(2s)).empty());
  CAF_CHECK(table.next() == at(3s));
  CAF_CHECK_EQUAL(table.size(), 1U);
}

CAF_TEST(what is removed is never due) {
  timetable table;
  table.add(at(1s), 1);
  table.add(at(1s), 2);
  table.remove(at(1s), 1);
  CAF_CHECK(table.take_due(at(1h)) == offsets{2});
  CAF_CHECK(!table.next());
}
