#include "kafka_platform.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include <troupe/bridges/kafka/publisher.hpp>
#include <troupe/bridges/kafka/source.hpp>
#include <troupe/messages/ports/types.hpp>

#include "figure.hpp"
#include "measured_system.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

} // namespace

kafka_platform::kafka_platform(const kafka::connection& to, const kafka::publisher_config& config)
  : watcher_(telemetry::make_telemetry({.level = telemetry::log_level::off})), // stdout is for figures
    system_(prepared(config_)),
    tree_(system_, "bench", {}, watcher_, 1, system_now),
    service_(tree_.top().add_group("service", {})) {
  watcher_->watch(system_);
  publisher_ = service_.add("publisher",
                            [to, config](const spawn_context& where) { return kafka::spawn_publisher(where, to, config); });
  tree_.start();
}

kafka_platform::kafka_platform(const kafka::connection& to, const kafka::subscription& config, handler_maker handler)
  : watcher_(telemetry::make_telemetry({.level = telemetry::log_level::off})),
    system_(prepared(config_)),
    tree_(system_, "bench", {}, watcher_, 1, system_now),
    service_(tree_.top().add_group("service", {})) {
  watcher_->watch(system_);
  const auto publisher_to = [this, &to](const std::string& name, std::string topic) {
    return service_.add(name, [to, topic = std::move(topic)](const spawn_context& where) {
      return kafka::spawn_publisher(where, to, {.topic = topic});
    });
  };
  publisher_ = publisher_to("publisher", config.topic);
  const auto letters = publisher_to("dead-letters", kafka::dead_letter_topic(config.topic));
  const auto handling = service_.add("handler", std::move(handler));
  source_ = service_.add("subscription", [to, config, handling, letters](const spawn_context& where) {
    return kafka::spawn_source(where, to, config, handling, letters);
  });
  tree_.start();
}

kafka_platform::kafka_platform(const kafka::connection& to, const kafka::subscription& config,
                               actors::delivery_function handle)
  : kafka_platform(to, config, handler_maker{[handle = std::move(handle)](const spawn_context& where) {
                     return actors::spawn_handler(where, handle);
                   }}) {}

kafka_platform::~kafka_platform() {
  tree_.stop_and_wait();
  watcher_->unwatch();
}

void kafka_platform::settle() {
  bench::settle(system_, source_);
}

double kafka_platform::commits() const {
  constexpr std::string_view series = "\ntroupe_kafka_commits_total{";
  const auto text = watcher_->metrics_text();
  const auto found = text.find(series);
  if (found == std::string::npos)
    give_up("the commits are not counted");
  return std::stod(text.substr(text.find("} ", found) + 2));
}

} // namespace troupe::bench
