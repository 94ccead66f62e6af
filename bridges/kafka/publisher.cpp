#include <troupe/bridges/kafka/publisher.hpp>

#include <functional>
#include <memory>
#include <utility>

#include <troupe/bridges/kafka/sender.hpp>
#include <troupe/bridges/outbound/publisher.hpp>

namespace troupe::kafka {

publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config) {
  auto mistakes = validate(config);
  const auto more = validate(to);
  mistakes.insert(mistakes.end(), more.begin(), more.end());
  const auto& topic = config.topic;
  outbound::publisher_setup setup{"kafka",
                                  topic,
                                  std::move(mistakes),
                                  config.in_flight,
                                  config.in_flight_bytes,
                                  config.acknowledged_within,
                                  {context, "kafka", {"topic", topic}},
                                  [context, to = std::move(to), config](std::function<void()> wake_actor) {
                                    auto link = std::make_shared<sender_link>(std::move(wake_actor));
                                    return linked_thread<outbound::sender_link>{
                                      link, [one = std::make_shared<sender>(context, to, config, link)] { one->run(); }};
                                  }};
  return outbound::spawn_publisher(context, std::move(setup));
}

} // namespace troupe::kafka
