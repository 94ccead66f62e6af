// Messages of a real broker from their first delivery to the last commit, through a trivial handler, against a raw consumer
// loop with the same settings that commits as often.

#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <vector>

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/delivery.hpp>

#include "figure.hpp"
#include "kafka_platform.hpp"
#include "measured_system.hpp"
#include "options.hpp"
#include "raw_kafka.hpp"

namespace troupe::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto topic = "settled";

// What is counted on the thread that handles.
class handled {
public:
  std::uint64_t add() {
    if (count_++ == 0)
      begun_ = clock::now();
    return count_;
  }

  [[nodiscard]] double rate_until_now() const {
    const std::chrono::duration<double> took = clock::now() - begun_;
    return static_cast<double>(count_) / took.count();
  }

private:
  std::uint64_t count_ = 0;
  clock::time_point begun_;
};

struct measured {
  std::vector<double> rate;
  std::vector<double> commits;
};

void fill(const kafka::connection& at, std::uint64_t messages) {
  constexpr std::uint64_t under_way = 10'000;
  make_topic(at, topic);
  raw_producer producer{at, {.topic = topic}, under_way};
  const std::string payload(payload_size, 'x');
  for (std::uint64_t i = 0; i < messages; ++i)
    producer.send(id_of(i), payload);
  producer.finish();
}

void check_committed(const kafka::connection& at, const std::string& group, std::uint64_t messages) {
  if (committed_in(at, topic, group) != static_cast<std::int64_t>(messages))
    give_up("not every message was committed");
}

// What every effect begins with.
bool has_id(const rd_kafka_message_t& what) {
  rd_kafka_headers_t* headers = nullptr;
  const void* id = nullptr;
  std::size_t size = 0;
  return rd_kafka_message_headers(&what, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR
         && rd_kafka_header_get_last(headers, "message-id", &id, &size) == RD_KAFKA_RESP_ERR_NO_ERROR && size > 0;
}

void measure_raw(const kafka::connection& at, const std::string& group, std::uint64_t messages, measured& into) {
  raw_consumer consumer{at, {.topic = topic, .group = group}};
  handled seen;
  consumer.consume(messages, [&seen](const rd_kafka_message_t& what) {
    if (!has_id(what))
      give_up("a message came without its id");
    seen.add();
  });
  into.rate.push_back(seen.rate_until_now());
  into.commits.push_back(static_cast<double>(consumer.commits()));
  check_committed(at, group, messages);
}

void measure_ours(const kafka::connection& at, const std::string& group, std::uint64_t messages, measured& into) {
  handled seen; // the handler's, and ours once all of it is handled
  std::latch done{1};
  kafka_platform platform{at, {.topic = topic, .group = group}, [&](const delivery&) {
                            if (seen.add() == messages)
                              done.count_down();
                            return reply{};
                          }};
  done.wait();
  platform.settle();
  into.rate.push_back(seen.rate_until_now());
  into.commits.push_back(platform.commits());
  check_committed(at, group, messages);
}

void measure(const kafka::connection& at, std::uint64_t messages, unsigned rounds) {
  fill(at, messages);
  measured raw;
  measured ours;
  measured warm;
  measure_raw(at, "warm", messages, warm); // the broker
  for (unsigned round = 0; round < rounds; ++round) {
    const auto number = std::to_string(round);
    measure_raw(at, "raw-" + number, messages, raw);
    measure_ours(at, "ours-" + number, messages, ours);
  }
  tell({"Kafka, consume to settled", "messages/s", raw.rate, ours.rate, "ratio >= 0.8"});
  tell({"Kafka, commits meanwhile", "commits", raw.commits, ours.commits, ""});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::uint64_t messages = 500'000;
  std::string broker;
  unsigned rounds = 7;
  troupe::bench::options options{"Consume to settled over Kafka against a raw consumer"};
  options.add("broker", broker, "HOST:PORT");
  options.add("--rounds", rounds);
  options.add("--messages", messages);
  options.parse(argc, argv);
  troupe::register_message_types();
  troupe::bench::measure(troupe::bench::connection_to(broker), messages, rounds);
}
