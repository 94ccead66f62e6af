#include <troupe/bridges/kafka/source.hpp>

#include <functional>
#include <memory>
#include <utility>

#include <troupe/bridges/inbound/source.hpp>
#include <troupe/bridges/kafka/member.hpp>

namespace troupe::kafka {

source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries) {
  inbound::source_setup setup;
  setup.channel = config.topic;
  setup.system = "kafka";
  setup.mistakes = validate(config);
  if (config.delayed == retry_location::topic && !retries)
    setup.mistakes.emplace_back("the topic of retries has no publisher");
  const auto more = validate(to);
  setup.mistakes.insert(setup.mistakes.end(), more.begin(), more.end());
  setup.answer_within = config.answer_within;
  setup.consumer = [context, to = std::move(to), config = std::move(config)](std::function<void()> wake_actor) {
    auto link = std::make_shared<member_link>(std::move(wake_actor));
    return linked_thread<inbound::consumer_link>{
      link, [one = std::make_shared<member>(context, to, config, link)] { one->run(); }};
  };
  return inbound::spawn_source(context, std::move(setup), std::move(handler), std::move(dead_letters), std::move(retries));
}

} // namespace troupe::kafka
