#include <troupe/bridges/amqp/publisher.hpp>

#include <functional>
#include <memory>
#include <utility>

#include <troupe/bridges/amqp/sender.hpp>
#include <troupe/bridges/outbound/publisher.hpp>

namespace troupe::amqp {

namespace {

sender_config config_of(const publisher_config& config) {
  if (config.exchange.empty())
    return {{},
            config.to.name,
            {config.to},
            config.queues,
            config.window,
            config.to.kind == queue_kind::letters ? publication::aside : publication::onward};
  return {config.exchange, config.routing_key, {}, config.queues, config.window, publication::onward};
}

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config) {
  auto mistakes = validate(config);
  const auto more = validate(to);
  mistakes.insert(mistakes.end(), more.begin(), more.end());
  const auto& channel = config.exchange.empty() ? config.to.name : config.exchange;
  outbound::publisher_setup setup{
    "rabbitmq",
    channel,
    std::move(mistakes),
    config.in_flight,
    config.in_flight_bytes,
    config.acknowledged_within,
    {context, "amqp", {"queue", channel}},
    [context, to = std::move(to), config](std::function<void()> wake_actor) {
      auto link = std::make_shared<sender_link>(std::move(wake_actor));
      return linked_thread<outbound::sender_link>{
        link, [one = std::make_shared<sender>(context, to, config_of(config), link)] { one->run(); }};
    }};
  return outbound::spawn_publisher(context, std::move(setup));
}

} // namespace troupe::amqp
