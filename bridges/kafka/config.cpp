#include <troupe/bridges/kafka/config.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <troupe/bridges/kafka/client_conf.hpp>

namespace troupe::kafka {

namespace {

constexpr std::size_t longest_topic = 249;

void check(std::vector<std::string>& mistakes, bool right, std::string_view text) {
  if (!right)
    mistakes.emplace_back(text);
}

// As org.apache.kafka.common.internals.Topic has it.
bool is_topic(std::string_view name) noexcept {
  return !name.empty() && name.size() <= longest_topic && name != "." && name != ".."
         && std::all_of(name.begin(), name.end(), [](char c) {
              return c == '.' || c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                     || (c >= 'A' && c <= 'Z');
            });
}

void check_topic(std::vector<std::string>& mistakes, const std::string& name) {
  if (!is_topic(name))
    mistakes.push_back("the topic '" + name + "' is not 1 to 249 letters, digits, dots, underscores and hyphens");
}

} // namespace

access_source always(access same) {
  return [same = std::move(same)](freshness) -> expected<access> { return same; };
}

std::string dead_letter_topic(const std::string& topic) {
  return topic + ".dlq";
}

std::string retry_topic(const std::string& topic) {
  return topic + ".retry";
}

std::vector<std::string> validate(const connection& config) {
  std::vector<std::string> mistakes;
  check(mistakes, static_cast<bool>(config.where), "no source of the brokers' addresses is set");
  check(mistakes, config.statistics == duration::zero() || settings::any_wait.allows(config.statistics),
        "the time between statistics is not 0 or between 1 ms and 24 h");
  auto wrong = check_properties(config.properties);
  mistakes.insert(mistakes.end(), wrong.begin(), wrong.end());
  return mistakes;
}

std::vector<std::string> validate(const publisher_config& config) {
  auto mistakes = settings::mistakes_of(config);
  check_topic(mistakes, config.topic);
  return mistakes;
}

std::vector<std::string> validate(const subscription& config) {
  auto mistakes = settings::mistakes_of<membership_config>(config);
  check_topic(mistakes, config.topic);
  check(mistakes, !config.group.empty(), "a subscription needs a consumer group");
  check(mistakes, config.batch > 0 && config.batches_in_flight > 0, "a batch and the batches in flight must be at least 1");
  check(mistakes, config.read_ahead >= config.batch, "the read-ahead is smaller than one batch");
  check(mistakes, config.redelivery.span_limit > 0, "the span of unsettled offsets must be at least 1");
  if (config.transaction) {
    check_topic(mistakes, config.transaction->topic);
    check(mistakes, !config.transaction->id.empty(), "a transaction needs an id");
    for (auto& each : settings::mistakes_of(*config.transaction))
      mistakes.push_back("transaction." + std::move(each));
    check(mistakes, config.redelivery.delays.empty(), "a transaction excludes delayed retries");
    check(mistakes, config.delayed == retry_location::assignment && !config.retries_of,
          "a transaction excludes a topic of retries");
    check(mistakes, config.batches_in_flight == 1, "a transaction needs one batch in flight");
    check(mistakes, config.sees == isolation::read_committed, "a transaction needs the isolation read_committed");
  }
  check(mistakes, config.delayed == retry_location::assignment || !config.retries_of,
        "retries of a topic of retries wait in the assignment");
  check(mistakes, settings::any_wait.allows(config.answer_within), "the time for an answer is not between 1 ms and 24 h");
  return mistakes;
}

} // namespace troupe::kafka
