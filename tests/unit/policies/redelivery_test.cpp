#define CAF_SUITE redelivery

#include <troupe_test/suite.hpp>

#include <troupe/policies/redelivery.hpp>

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::duration;

CAF_TEST(three delayed retries and then none) {
  const redelivery_config config;
  CAF_CHECK(redelivery_delay(config, {1, 1}) == duration{5s});
  CAF_CHECK(redelivery_delay(config, {2, 2}) == duration{30s});
  CAF_CHECK(redelivery_delay(config, {3, 3}) == duration{5min});
  CAF_CHECK(!redelivery_delay(config, {4, 4}));
}

CAF_TEST(attempts without an answer spend no delay) {
  const redelivery_config config;
  CAF_CHECK(redelivery_delay(config, {5, 1}) == duration{5s});
}

CAF_TEST(without delays there is no retry) {
  redelivery_config config;
  config.delays.clear();
  CAF_CHECK(!redelivery_delay(config, {1, 1}));
}

CAF_TEST(the civil time of a failure is as far back as its instant) {
  const troupe::instant now{100s};
  const troupe::timestamp civil{1'555'381'396s};
  CAF_CHECK(civil_time(now - 1500ms, now, civil) == civil - 1500ms);
}
