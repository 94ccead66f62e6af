#include <troupe/bridges/amqp/config.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace troupe::amqp {

namespace {

constexpr std::size_t longest_name = 255; // a short string of the protocol
constexpr std::size_t longest_tail = 30;  // of the queues around a queue
constexpr std::uint32_t most_in_hand = most_prefetched;

void check(std::vector<std::string>& mistakes, bool right, std::string_view words) {
  if (!right)
    mistakes.emplace_back(words);
}

bool usable(duration span) noexcept {
  return span >= std::chrono::milliseconds{1} && span <= std::chrono::hours{24};
}

void check_name(std::vector<std::string>& mistakes, const queue& what) {
  if (what.name.empty() || what.name.size() > longest_name - longest_tail || what.name.starts_with("amq."))
    mistakes.push_back("the queue '" + what.name + "' is not named by 1 to 225 bytes, or by one of the broker's own names");
}

} // namespace

access_source always(access what) {
  return [what = std::move(what)](freshness) -> expected<access> { return what; };
}

std::vector<std::string> validate(const connection& config) {
  std::vector<std::string> mistakes;
  check(mistakes, static_cast<bool>(config.where), "nothing tells where the brokers are");
  check(mistakes, config.tls.certificate.empty() == config.tls.key.empty(),
        "a certificate and its key stand together, or neither does");
  check(mistakes, config.mechanism != sasl::external || !config.tls.certificate.empty(),
        "EXTERNAL proves who we are by a certificate, and there is none");
  check(mistakes, config.heartbeat >= std::chrono::seconds{1} && config.heartbeat <= std::chrono::minutes{10},
        "the time between heartbeats is not between 1 s and 10 min");
  check(mistakes, usable(config.reached_within), "the time to reach a broker is not between 1 ms and 24 h");
  return mistakes;
}

std::vector<std::string> validate(const publisher_config& config) {
  std::vector<std::string> mistakes;
  if (config.exchange.empty())
    check_name(mistakes, config.to);
  check(mistakes, config.exchange.size() <= longest_name && config.routing_key.size() <= longest_name,
        "an exchange and a routing key are no longer than 255 bytes");
  check(mistakes, usable(config.acknowledged_within), "the time for a confirm is not between 1 ms and 24 h");
  check(mistakes, config.window > 0 && config.window <= most_in_hand,
        "the window of messages that are not confirmed is not between 1 and 10000");
  check(mistakes, config.in_flight > 0 && config.in_flight <= 10'000'000,
        "the bound of messages in flight is not between 1 and 10000000");
  check(mistakes, config.in_flight_bytes >= 1024, "the bound of bytes in flight is below 1 KiB");
  return mistakes;
}

std::vector<std::string> validate(const subscription& config) {
  std::vector<std::string> mistakes;
  check_name(mistakes, config.from);
  check(mistakes, config.consumer_tag.size() <= longest_name, "a consumer tag is no longer than 255 bytes");
  check(mistakes, config.prefetch > 0 && config.prefetch <= most_in_hand, "the prefetch is not between 1 and 10000");
  check(mistakes, config.batch > 0 && config.batches_in_flight > 0, "a batch and the batches in flight are 1 at least");
  check(mistakes, config.batch <= config.prefetch, "a batch is larger than the prefetch");
  check(mistakes, config.ack_after > 0, "an acknowledgement comes after 1 settled delivery at least");
  const std::array spans{config.ack_every, config.give_back_after, config.hold_at_most, config.answer_within};
  check(mistakes, std::all_of(spans.begin(), spans.end(), usable),
        "a time of the subscription is not between 1 ms and 24 h");
  const auto& delays = config.redelivery.delays;
  check(mistakes, std::all_of(delays.begin(), delays.end(), usable), "a delay of a retry is not between 1 ms and 24 h");
  return mistakes;
}

} // namespace troupe::amqp
