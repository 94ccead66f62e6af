// Messages from publish to their acknowledgement by a real broker, against a raw producer with the same settings, the same
// records and as many of them under way.

#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <vector>

#include <troupe/messages/ports/types.hpp>

#include "figure.hpp"
#include "kafka_platform.hpp"
#include "measured_system.hpp"
#include "options.hpp"
#include "publish_load.hpp"
#include "raw_kafka.hpp"

namespace troupe::bench {

namespace {

double rate_since(std::chrono::steady_clock::time_point begun, const publish_load& what) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(what.messages()) / took.count();
}

double measure_raw(const kafka::connection& at, const std::string& topic, const publish_load& what) {
  make_topic(at, topic);
  raw_producer producer{at, {.topic = topic}, what.in_flight * what.batch};
  const std::string payload(payload_size, 'x');
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < what.messages(); ++i)
    producer.send(id_of(i), payload);
  producer.finish();
  return rate_since(begun, what);
}

double measure_ours(const kafka::connection& at, const std::string& topic, const publish_load& what) {
  make_topic(at, topic);
  kafka_platform platform{at, kafka::publisher_config{.topic = topic}};
  std::latch acknowledged{1};
  const auto begun = std::chrono::steady_clock::now();
  start_load(platform.system(), platform.publisher(), what, [&acknowledged] { acknowledged.count_down(); });
  acknowledged.wait();
  return rate_since(begun, what);
}

void measure(const kafka::connection& at, const publish_load& what, unsigned rounds) {
  std::vector<double> raw;
  std::vector<double> ours;
  measure_raw(at, "warm", what); // the broker
  for (unsigned round = 0; round < rounds; ++round) {
    const auto number = std::to_string(round);
    raw.push_back(measure_raw(at, "raw-" + number, what));
    ours.push_back(measure_ours(at, "ours-" + number, what));
  }
  report({"Kafka, publish to acknowledged", "messages/s", raw, ours, "ratio >= 0.8"});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::publish_load what{.batches = 5000, .in_flight = 400};
  std::string broker;
  unsigned rounds = 7;
  troupe::bench::options options{"Publish to acknowledged over Kafka against a raw producer"};
  options.add("broker", broker, "HOST:PORT");
  options.add("--rounds", rounds);
  options.add("--batches", what.batches);
  options.add("--batch", what.batch, "messages of one publish");
  options.add("--in-flight", what.in_flight, "publishes under way, and the raw producer's messages of as many");
  options.parse(argc, argv);
  troupe::register_message_types();
  troupe::bench::measure(troupe::bench::connection_to(broker), what, rounds);
}
