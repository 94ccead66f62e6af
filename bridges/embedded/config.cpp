#include <troupe/bridges/embedded/config.hpp>

namespace troupe::embedded {

namespace {

constexpr std::int32_t most_partitions = 1024;
constexpr std::uint32_t largest_batch = 10'000;

failure wrong(const std::string& name, const char* why) {
  return {errc::invalid, "'" + name + "': " + why};
}

} // namespace

expected<void> validate(const destination& what) {
  if (what.name.empty())
    return failure{errc::invalid, "a stream or queue has no name"};
  if (what.partitions < 1 || what.partitions > most_partitions)
    return wrong(what.name, "a stream has 1 to 1024 partitions");
  if (what.kind == destination_kind::queue && what.partitions != 1)
    return wrong(what.name, "a queue has one partition");
  if (what.kind == destination_kind::queue && (what.keep.age || what.keep.bytes))
    return wrong(what.name, "a queue has no retention: it keeps what is not settled");
  if (what.keep.step == 0 || what.keep.every <= duration::zero())
    return wrong(what.name, "retention needs a step and an interval above zero");
  return {};
}

expected<void> validate(const subscription& what) {
  if (auto fine = validate(what.from); fine.has_error())
    return fine;
  if (what.from.kind == destination_kind::stream && what.group.empty())
    return wrong(what.from.name, "a subscription to a stream needs a consumer group");
  if (what.from.kind == destination_kind::queue && !what.group.empty())
    return wrong(what.from.name, "a subscription to a queue has no consumer group");
  if (what.batch == 0 || what.batch > largest_batch)
    return wrong(what.from.name, "a batch holds 1 to 10000 deliveries");
  if (what.batches_in_flight == 0)
    return wrong(what.from.name, "at least one batch must be in flight");
  if (what.answer_within <= duration::zero())
    return wrong(what.from.name, "the time for an answer must be above zero");
  return {};
}

} // namespace troupe::embedded
