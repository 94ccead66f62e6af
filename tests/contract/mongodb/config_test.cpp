#define CAF_SUITE mongodb_config
#include <troupe_test/suite.hpp>

#include <troupe/bridges/mongodb/config.hpp>

namespace {

using namespace troupe;
using namespace std::chrono_literals;

mongodb::config usable() {
  mongodb::config result;
  result.where = mongodb::always({secret{"mongodb://localhost"}});
  return result;
}

template <class Change>
std::size_t mistakes_after(Change&& change) {
  auto what = usable();
  change(what);
  return validate(what).size();
}

} // namespace

CAF_TEST(the defaults can be used once somebody tells where the servers are) {
  CAF_CHECK(validate(usable()).empty());
  CAF_CHECK_EQUAL(validate(mongodb::config{}).size(), 1u);
}

CAF_TEST(each bound is checked) {
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.name = ""; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.connect = 0s; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.operation = 25h; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.close_within = 0s; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.heartbeat = 499ms; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.connections = 0; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.in_flight = 0; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.in_flight_bytes = 1023; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& what) { what.largest_document = (std::size_t{16} << 20U) + 1; }), 1u);
}
