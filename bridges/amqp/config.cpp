#include <troupe/bridges/amqp/config.hpp>

#include <string_view>

namespace troupe::amqp {

namespace {

constexpr std::size_t longest_name = 255;  // a short string of the protocol
constexpr std::size_t longest_suffix = 30; // of the names of dead-letter and delay queues

void check(std::vector<std::string>& mistakes, bool right, std::string_view words) {
  if (!right)
    mistakes.emplace_back(words);
}

void check_name(std::vector<std::string>& mistakes, const std::string& name) {
  if (name.empty() || name.size() > longest_name - longest_suffix || name.starts_with("amq."))
    mistakes.push_back("the queue name '" + name + "' is not 1 to 225 bytes long, or begins with 'amq.', which is reserved");
}

} // namespace

std::vector<std::string> validate(const connection& config) {
  auto mistakes = settings::mistakes_of(config);
  check(mistakes, static_cast<bool>(config.where), "the source of the brokers' addresses is missing");
  check(mistakes, config.tls.certificate.empty() == config.tls.key.empty(),
        "tls.certificate and tls.key must be set together");
  check(mistakes, config.mechanism != sasl::external || !config.tls.certificate.empty(),
        "mechanism EXTERNAL needs tls.certificate and tls.key");
  return mistakes;
}

std::vector<std::string> validate(const publisher_config& config) {
  auto mistakes = settings::mistakes_of(config);
  if (config.exchange.empty())
    check_name(mistakes, config.to.name);
  check(mistakes, config.exchange.size() <= longest_name && config.routing_key.size() <= longest_name,
        "an exchange or a routing key is longer than 255 bytes");
  return mistakes;
}

std::vector<std::string> validate(const subscription& config) {
  auto mistakes = settings::mistakes_of(config);
  check_name(mistakes, config.from.name);
  check(mistakes, config.consumer_tag.size() <= longest_name, "the consumer tag is longer than 255 bytes");
  check(mistakes, config.batch <= config.prefetch, "batch is larger than prefetch");
  return mistakes;
}

} // namespace troupe::amqp
