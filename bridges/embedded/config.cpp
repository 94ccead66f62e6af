#include <troupe/bridges/embedded/config.hpp>

#include <string_view>

namespace troupe::embedded {

namespace {

constexpr std::int32_t most_partitions = 1024;
constexpr std::uint32_t largest_batch = 10'000;

/// Collects what is wrong with the stream or queue of that name.
struct mistakes_of {
  const std::string& name;
  std::vector<std::string>& all;

  void check(bool right, std::string_view words) const {
    if (!right)
      all.push_back("'" + name + "': " + std::string{words});
  }
};

} // namespace

std::vector<std::string> validate(const destination& config) {
  std::vector<std::string> mistakes;
  const mistakes_of of{config.name, mistakes};
  const bool is_queue = config.kind == destination_kind::queue;
  of.check(!config.name.empty(), "a stream or queue has a name");
  of.check(config.partitions >= 1 && config.partitions <= most_partitions, "a stream has 1 to 1024 partitions");
  of.check(!is_queue || config.partitions == 1, "a queue has one partition");
  of.check(!is_queue || (!config.keep.age && !config.keep.bytes), "a queue has no retention: it keeps what is not settled");
  of.check(config.keep.step > 0 && config.keep.every > duration::zero(),
           "retention needs a step and an interval above zero");
  return mistakes;
}

std::vector<std::string> validate(const subscription& config) {
  auto mistakes = validate(config.from);
  const mistakes_of of{config.from.name, mistakes};
  const bool is_queue = config.from.kind == destination_kind::queue;
  of.check(is_queue || !config.group.empty(), "a subscription to a stream needs a consumer group");
  of.check(!is_queue || config.group.empty(), "a subscription to a queue has no consumer group");
  of.check(config.batch > 0 && config.batch <= largest_batch, "a batch holds 1 to 10000 deliveries");
  of.check(config.batches_in_flight > 0, "at least one batch must be in flight");
  of.check(config.answer_within > duration::zero(), "the time for an answer must be above zero");
  return mistakes;
}

} // namespace troupe::embedded
