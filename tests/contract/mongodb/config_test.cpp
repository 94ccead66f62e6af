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
  auto changed = usable();
  change(changed);
  return validate(changed).size();
}

} // namespace

CAF_TEST(the defaults can be used once the servers are named) {
  CAF_CHECK(validate(usable()).empty());
  CAF_CHECK_EQUAL(validate(mongodb::config{}).size(), 1u);
}

CAF_TEST(each bound is checked) {
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.name = ""; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.connect = 0s; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.operation = 25h; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.close_within = 0s; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.heartbeat = 499ms; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.connections = 0; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.in_flight = 0; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.in_flight_bytes = 1023; }), 1u);
  CAF_CHECK_EQUAL(mistakes_after([](auto& changed) { changed.largest_document = (std::size_t{16} << 20U) + 1; }), 1u);
}
