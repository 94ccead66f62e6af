#include <troupe/bridges/embedded/config.hpp>

#include <string_view>

namespace troupe::embedded {

namespace {

constexpr std::int32_t most_partitions = 1024;

/// The mistakes in the settings of the stream or queue of that name.
class mistake_list {
public:
  explicit mistake_list(const std::string& name) : prefix_("'" + name + "': ") {}

  template <class Config>
  void check_described(const Config& config) {
    for (const auto& each : settings::mistakes_of(config))
      found_.push_back(prefix_ + each);
  }
  void check(bool right, std::string_view words) {
    if (!right)
      found_.push_back(prefix_ + std::string{words});
  }
  void check(const destination& config) {
    const bool is_queue = config.kind == destination_kind::queue;
    check_described(config);
    check(!config.name.empty(), "a stream or queue must have a name");
    check(config.partitions >= 1 && config.partitions <= most_partitions, "a stream has 1 to 1024 partitions");
    check(!is_queue || config.partitions == 1, "a queue has one partition");
    check(!is_queue || (!config.keep.age && !config.keep.bytes), "a queue has no retention: it keeps what is not settled");
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(found_); }

private:
  const std::string prefix_;
  std::vector<std::string> found_;
};

} // namespace

std::vector<std::string> validate(const destination& config) {
  mistake_list mistakes{config.name};
  mistakes.check(config);
  return mistakes.take();
}

std::vector<std::string> validate(const subscription& config) {
  mistake_list mistakes{config.from.name};
  const bool is_queue = config.from.kind == destination_kind::queue;
  mistakes.check(config.from);
  mistakes.check_described(config);
  mistakes.check(is_queue || !config.group.empty(), "a subscription to a stream must have a consumer group");
  mistakes.check(!is_queue || config.group.empty(), "a subscription to a queue has no consumer group");
  return mistakes.take();
}

} // namespace troupe::embedded
