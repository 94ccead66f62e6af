#include <troupe/bridges/amqp/source.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <troupe/bridges/amqp/consumer.hpp>
#include <troupe/bridges/amqp/sender.hpp>
#include <troupe/bridges/inbound/source.hpp>

namespace troupe::amqp {

namespace {

// To the delay queues of the subscription, which the consumer declares.
sender_config delaying(const subscription& config) {
  std::vector<queue> queues;
  for (const auto& each : config.redelivery.delays)
    queues.push_back(delay_queue(config.from, each));
  return {{}, config.from.name, std::move(queues), config.queues, config.prefetch, publication::aside};
}

} // namespace

source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters) {
  inbound::source_setup setup;
  setup.channel = config.from.name;
  setup.system = "rabbitmq";
  setup.mistakes = validate(config);
  const auto more = validate(to);
  setup.mistakes.insert(setup.mistakes.end(), more.begin(), more.end());
  setup.answer_within = config.answer_within;
  setup.consumer = [context, to, config](std::function<void()> wake_actor) {
    auto link = std::make_shared<consumer_link>(std::move(wake_actor));
    return linked_thread<inbound::consumer_link>{
      link, [one = std::make_shared<consumer>(context, to, config, link)] { one->run(); }};
  };
  // Publishing has a connection of its own: a broker under an alarm reads nothing from a connection that publishes, not even
  // acknowledgements. The state that is reported is that of the consumer's connection.
  to.state = std::make_shared<link_state>();
  setup.retry_sender = [context, to = std::move(to), config = std::move(config)](std::function<void()> wake_actor) {
    auto link = std::make_shared<sender_link>(std::move(wake_actor));
    return linked_thread<outbound::sender_link>{
      link, [one = std::make_shared<sender>(context, to, delaying(config), link)] { one->run(); }};
  };
  return inbound::spawn_source(context, std::move(setup), std::move(handler), std::move(dead_letters));
}

} // namespace troupe::amqp
