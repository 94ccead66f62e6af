// The time from a publish to the handler over a real broker at 1,000 messages a second, beside the same of a raw producer
// and a raw consumer with the same settings.

#include <charconv>
#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <troupe/messages/ports/types.hpp>

#include "figure.hpp"
#include "kafka_platform.hpp"
#include "measured_system.hpp"
#include "quantiles.hpp"
#include "raw_kafka.hpp"

namespace troupe::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto pace = std::chrono::milliseconds{1};

// A message begins with the time at which it was to leave: one that leaves late has waited.
std::string stamped(clock::time_point due) {
  auto payload = std::to_string(due.time_since_epoch().count());
  payload.resize(payload_size, ' ');
  return payload;
}

double age_of(std::string_view payload) {
  clock::rep due = 0;
  std::from_chars(payload.data(), payload.data() + payload.size(), due);
  return milliseconds(clock::now().time_since_epoch() - clock::duration{due});
}

// One message alone, which finds the member in its group; then all others at their pace.
template <class Send>
void send_at_pace(std::uint64_t messages, const std::latch& first_arrived, Send send) {
  send(0, stamped(clock::now()));
  first_arrived.wait();
  auto due = clock::now();
  for (std::uint64_t i = 1; i <= messages; ++i) {
    due += pace;
    std::this_thread::sleep_until(due);
    send(i, stamped(due));
  }
}

// What arrives, on the thread that handles.
class arrivals {
public:
  explicit arrivals(std::uint64_t messages) : messages_(messages) { took_.reserve(messages); }

  void arrived(std::string_view payload) {
    if (first_) {
      first_ = false;
      first_arrived.count_down();
      return;
    }
    took_.push_back(age_of(payload));
    if (took_.size() == messages_)
      all_arrived.count_down();
  }

  [[nodiscard]] const std::vector<double>& took() const noexcept { return took_; }

  std::latch first_arrived{1};
  std::latch all_arrived{1};

private:
  const std::uint64_t messages_;
  bool first_ = true;
  std::vector<double> took_;
};

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
  send_at_pace(messages, seen.first_arrived, [&](std::uint64_t number, std::string payload) {
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
  send_at_pace(messages, seen.first_arrived, [&](std::uint64_t number, std::string payload) {
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
  quantiles raw;
  quantiles ours;
  for (unsigned round = 0; round < rounds; ++round) {
    const auto number = std::to_string(round);
    raw.add(measure_raw(at, "raw-latency-" + number, messages));
    ours.add(measure_ours(at, "our-latency-" + number, messages));
  }
  tell({"Kafka at 1,000 messages/s, publish to handler, p50", "ms", raw.p50, ours.p50, ""});
  tell({"Kafka at 1,000 messages/s, publish to handler, p99", "ms", raw.p99, ours.p99, ""});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::uint64_t messages = 10'000;
  std::string broker;
  unsigned rounds = 5;
  CLI::App options{"Publish to handler over Kafka at a steady pace, beside a raw producer and a raw consumer"};
  options.add_option("broker", broker, "HOST:PORT")->required();
  options.add_option("--rounds", rounds);
  options.add_option("--messages", messages, "of one round");
  CLI11_PARSE(options, argc, argv);
  caf::init_global_meta_objects<caf::id_block::troupe>();
  caf::core::init_global_meta_objects();
  troupe::bench::measure(troupe::bench::connection_to(broker), messages, rounds);
}
