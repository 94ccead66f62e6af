// Messages of a real broker from their first delivery to the last commit, through a trivial handler, against a raw consumer
// loop with the same settings that commits as often; and the same with messages of an author's type, which both decode.

#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <vector>

#include <greeting.pb.h>

#include <troupe/actors/contracts/deliveries.hpp>
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

// An author's message of that size.
std::string encoded_greeting() {
  ::greeting::Greeting made;
  made.set_id(id_of(0));
  made.set_service("Service-H");
  made.set_created("2019-04-16 02:23:16.546749266 +0000 UTC");
  constexpr std::size_t around = 2; // its tag and its length
  made.set_message(std::string(payload_size - made.ByteSizeLong() - around, 'x'));
  return made.SerializeAsString();
}

bool is_greeting(const ::greeting::Greeting& one) {
  return !one.id().empty() && one.service() == "Service-H";
}

void fill(const kafka::connection& at, std::uint64_t messages) {
  constexpr std::uint64_t under_way = 10'000;
  make_topic(at, topic);
  raw_producer producer{at, {.topic = topic}, under_way};
  const auto payload = encoded_greeting();
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

void accept_bytes(const rd_kafka_message_t& /*what*/) {}

void decode(const rd_kafka_message_t& what) {
  ::greeting::Greeting value;
  if (!value.ParseFromArray(what.payload, static_cast<int>(what.len)) || !is_greeting(value))
    give_up("a message is no greeting");
}

template <class Read>
void measure_raw(const kafka::connection& at, const std::string& group, std::uint64_t messages, Read read, measured& into) {
  raw_consumer consumer{at, {.topic = topic, .group = group}};
  handled seen;
  consumer.consume(messages, [&](const rd_kafka_message_t& what) {
    if (!has_id(what))
      give_up("a message came without its id");
    read(what);
    seen.add();
  });
  into.rate.push_back(seen.rate_until_now());
  into.commits.push_back(static_cast<double>(consumer.commits()));
  check_committed(at, group, messages);
}

// A handler of bytes, and one of an author's type. Both call `count` for each message.

template <class Count>
actors::delivery_function of_bytes(Count count) {
  return [count](const delivery& /*one*/) {
    count();
    return reply{};
  };
}

template <class Count>
kafka_platform::handler_maker of_type(Count count) {
  const auto handle = [count](const ::greeting::Greeting& one, delivery_context& /*at*/) {
    if (!is_greeting(one))
      give_up("a message is no greeting");
    count();
  };
  return [made = handles<::greeting::Greeting>(handle)](const spawn_context& where) {
    return spawn_delivery_service(where, {.make = made, .links = {}});
  };
}

template <class MakeHandler>
void measure_ours(const kafka::connection& at, const std::string& group, std::uint64_t messages, MakeHandler handler,
                  measured& into) {
  handled seen; // the handler's, and ours once all of it is handled
  std::latch done{1};
  kafka_platform platform{at, {.topic = topic, .group = group}, handler([&] {
                            if (seen.add() == messages)
                              done.count_down();
                          })};
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
  measured raw_typed;
  measured ours_typed;
  measured warm;
  measure_raw(at, "warm", messages, accept_bytes, warm); // the broker
  for (unsigned round = 0; round < rounds; ++round) {
    const auto number = std::to_string(round);
    measure_raw(at, "raw-" + number, messages, accept_bytes, raw);
    measure_ours(
      at, "ours-" + number, messages, [](auto count) { return of_bytes(count); }, ours);
    measure_raw(at, "raw-typed-" + number, messages, decode, raw_typed);
    measure_ours(
      at, "ours-typed-" + number, messages, [](auto count) { return of_type(count); }, ours_typed);
  }
  report({"Kafka, consume to settled", "messages/s", raw.rate, ours.rate, "ratio >= 0.8"});
  report({"Kafka, commits meanwhile", "commits", raw.commits, ours.commits, ""});
  report({"Kafka, an author's type, consume to settled", "messages/s", raw_typed.rate, ours_typed.rate, "ratio >= 0.85"});
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
