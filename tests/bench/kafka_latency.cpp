// The time from a publish to the handler over a real broker at 1,000 messages a second, beside the same of a raw producer
// and a raw consumer with the same settings.

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/delivery.hpp>

#include "figure.hpp"
#include "kafka_platform.hpp"
#include "options.hpp"
#include "raw_kafka.hpp"
#include "steady_pace.hpp"

namespace troupe::bench {

namespace {

constexpr auto pace = std::chrono::milliseconds{1};

std::vector<double> measure_raw(const kafka::connection& at, const std::string& topic, std::uint64_t messages) {
  make_topic(at, topic);
  arrivals seen{messages};
  std::thread consuming{[&] {
    raw_consumer consumer{at, {.topic = topic, .group = topic}};
    consumer.consume(messages + 1, [&seen](const rd_kafka_message_t& what) {
      seen.arrived({static_cast<const char*>(what.payload), what.len});
    });
  }};
  raw_producer producer{at, {.topic = topic}, messages + 1};
  std::vector<std::string> payloads(messages + 1); // until they are acknowledged
  send_at_pace(messages, pace, seen.first_arrived, [&](std::uint64_t number, std::string payload) {
    payloads[number] = std::move(payload);
    producer.send(id_of(number), payloads[number]);
  });
  producer.finish();
  consuming.join();
  return seen.took();
}

std::vector<double> measure_ours(const kafka::connection& at, const std::string& topic, std::uint64_t messages) {
  make_topic(at, topic);
  arrivals seen{messages};
  kafka_platform platform{at, {.topic = topic, .group = topic}, [&seen](const delivery& what) {
                            seen.arrived(what.content.payload);
                            return reply{};
                          }};
  send_at_pace(messages, pace, seen.first_arrived, [&](std::uint64_t number, std::string payload) {
    publish what;
    what.messages.emplace_back();
    what.messages.back().id = id_of(number);
    what.messages.back().payload = std::move(payload);
    send_anonymously(platform.publisher(), std::move(what)); // that it arrives is its acknowledgement
  });
  seen.all_arrived.wait();
  platform.settle();
  return seen.took();
}

void measure(const kafka::connection& at, std::uint64_t messages, unsigned rounds) {
  tell_latencies(
    "Kafka at 1,000 messages/s, publish to handler", rounds,
    [&](const std::string& topic) { return measure_raw(at, topic, messages); },
    [&](const std::string& topic) { return measure_ours(at, topic, messages); });
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::uint64_t messages = 10'000;
  std::string broker;
  unsigned rounds = 5;
  troupe::bench::options options{"Publish to handler over Kafka at a steady pace, beside a raw producer and a raw consumer"};
  options.add("broker", broker, "HOST:PORT");
  options.add("--rounds", rounds);
  options.add("--messages", messages, "of one round");
  options.parse(argc, argv);
  troupe::register_message_types();
  troupe::bench::measure(troupe::bench::connection_to(broker), messages, rounds);
}
