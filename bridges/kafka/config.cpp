#include <troupe/bridges/kafka/config.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <troupe/bridges/kafka/client_conf.hpp>

namespace troupe::kafka {

namespace {

constexpr std::size_t longest_topic = 249;

void check(std::vector<std::string>& mistakes, bool right, std::string_view words) {
  if (!right)
    mistakes.emplace_back(words);
}

bool usable(duration span) noexcept {
  return span >= std::chrono::milliseconds{1} && span <= std::chrono::hours{24};
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

access_source always(access what) {
  return [what = std::move(what)](freshness) -> expected<access> { return what; };
}

std::string dead_letter_topic(const std::string& topic) {
  return topic + ".dlq";
}

std::string retry_topic(const std::string& topic) {
  return topic + ".retry";
}

std::vector<std::string> validate(const connection& config) {
  std::vector<std::string> mistakes;
  check(mistakes, static_cast<bool>(config.where), "nothing tells where the brokers are");
  check(mistakes, config.statistics == duration::zero() || usable(config.statistics),
        "the time between statistics is not 0 or between 1 ms and 24 h");
  auto wrong = check_properties(config.properties);
  mistakes.insert(mistakes.end(), wrong.begin(), wrong.end());
  return mistakes;
}

std::vector<std::string> validate(const publisher_config& config) {
  std::vector<std::string> mistakes;
  check_topic(mistakes, config.topic);
  check(mistakes, usable(config.acknowledged_within), "the time for an acknowledgement is not between 1 ms and 24 h");
  check(mistakes, config.in_flight > 0 && config.in_flight <= 10'000'000,
        "the bound of messages in flight is not between 1 and 10000000");
  check(mistakes, config.in_flight_bytes >= 1024, "the bound of bytes in flight is below 1 KiB");
  return mistakes;
}

std::vector<std::string> validate(const subscription& config) {
  auto mistakes = settings::mistakes_of<membership_config>(config);
  check_topic(mistakes, config.topic);
  check(mistakes, !config.group.empty(), "a subscription wants a consumer group");
  check(mistakes, config.batch > 0 && config.batches_in_flight > 0, "a batch and the batches in flight are 1 at least");
  check(mistakes, config.read_ahead >= config.batch, "the read-ahead is smaller than one batch");
  check(mistakes, config.redelivery.span_limit > 0, "the span of unsettled offsets is 1 at least");
  if (config.transaction) {
    check_topic(mistakes, config.transaction->topic);
    check(mistakes, !config.transaction->id.empty(), "a transaction wants an id");
    check(mistakes, usable(config.transaction->within), "the time for a transaction is not between 1 ms and 24 h");
    check(mistakes, config.redelivery.delays.empty(), "a transaction excludes delayed retries");
    check(mistakes, config.delayed == waiting_place::assignment && !config.retries_of,
          "a transaction excludes a topic of retries");
    check(mistakes, config.batches_in_flight == 1, "a transaction has one batch in flight");
    check(mistakes, config.sees == isolation::read_committed, "a transaction reads what is committed");
  }
  check(mistakes, config.delayed == waiting_place::assignment || !config.retries_of,
        "retries of a topic of retries wait in the assignment");
  check(mistakes, usable(config.answer_within), "the time for an answer is not between 1 ms and 24 h");
  return mistakes;
}

} // namespace troupe::kafka
