#define CAF_SUITE embedded_config
#include <troupe_test/suite.hpp>

#include <troupe/bridges/embedded/config.hpp>

using namespace troupe;
using namespace troupe::embedded;

namespace {

template <class Config>
void check_wrong(const Config& config) {
  CAF_CHECK_EQUAL(validate(config).size(), 1u);
}

destination named(std::string name, destination_kind kind = destination_kind::stream) {
  destination made;
  made.name = std::move(name);
  made.kind = kind;
  return made;
}

subscription to(destination from, std::string group) {
  subscription made;
  made.from = std::move(from);
  made.group = std::move(group);
  return made;
}

} // namespace

CAF_TEST(the defaults need only names) {
  CAF_CHECK(validate(named("stream")).empty());
  CAF_CHECK(validate(named("queue", destination_kind::queue)).empty());
  CAF_CHECK(validate(to(named("stream"), "group")).empty());
  CAF_CHECK(validate(to(named("queue", destination_kind::queue), "")).empty());
}

CAF_TEST(a destination that cannot be is invalid) {
  check_wrong(named(""));
  auto partitions = named("stream");
  partitions.partitions = 0;
  check_wrong(partitions);
  partitions.partitions = 1025;
  check_wrong(partitions);
  auto queue = named("queue", destination_kind::queue);
  queue.partitions = 2;
  check_wrong(queue);
  queue.partitions = 1;
  queue.keep.age = std::chrono::hours{1};
  check_wrong(queue);
  auto step = named("stream");
  step.keep.step = 0;
  check_wrong(step);
}

CAF_TEST(a subscription that cannot be is invalid) {
  check_wrong(to(named("stream"), ""));
  check_wrong(to(named("queue", destination_kind::queue), "group"));
  auto batch = to(named("stream"), "group");
  batch.batch = 0;
  check_wrong(batch);
  auto flight = to(named("stream"), "group");
  flight.batches_in_flight = 0;
  check_wrong(flight);
  auto answer = to(named("stream"), "group");
  answer.answer_within = {};
  check_wrong(answer);
}
