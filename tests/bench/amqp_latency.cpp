// The time from a publish over RabbitMQ until its effect is durable in MongoDB, at 500 messages a second: publisher, quorum
// queue, consumer, recorder, db_writer, store. Beside it a bare pair of rabbitmq-c whose consumer inserts each message with
// bare libmongoc and acknowledges it.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/db_writer.hpp>
#include <troupe/actors/recorder.hpp>
#include <troupe/bridges/amqp/access.hpp>
#include <troupe/bridges/amqp/publisher.hpp>
#include <troupe/bridges/amqp/source.hpp>
#include <troupe/bridges/mongodb/store.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/message.hpp>

#include "figure.hpp"
#include "options.hpp"
#include "raw_amqp.hpp"
#include "raw_mongodb.hpp"
#include "steady_pace.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto pace = 2ms;
constexpr std::uint16_t prefetch = 100;
constexpr auto database = "troupe-bench";
constexpr std::string_view stamp_mark = "\"message\":\""; // before the payload, in a recorder's document

struct place {
  std::string broker;
  std::string store;
};

std::vector<double> measure_raw(const place& where, const std::string& name, std::uint64_t messages) {
  raw_mongodb{where.store}.drop(database);
  raw_amqp sending{where.broker};
  sending.declare(name);
  arrivals seen{messages};
  std::thread consuming{[&] {
    raw_amqp receiving{where.broker};
    raw_mongodb into{where.store};
    receiving.consume(name, messages + 1, prefetch, 1, [&](std::string_view id, std::string_view payload) {
      bson_t each = BSON_INITIALIZER;
      bson_append_utf8(&each, "_id", -1, id.data(), static_cast<int>(id.size()));
      bson_append_utf8(&each, "message", -1, payload.data(), static_cast<int>(payload.size()));
      into.insert(database, name, each);
      bson_destroy(&each);
      seen.arrived(payload);
    });
  }};
  send_at_pace(messages, pace, seen.first_arrived,
               [&](std::uint64_t number, const std::string& payload) { sending.publish_one(name, id_of(number), payload); });
  consuming.join();
  sending.remove(name);
  return seen.took();
}

// Stands before the store, and sees what is durable.
store_actor spawn_watch(caf::actor_system& system, const store_actor& to, arrivals& seen) {
  return system.spawn([to, &seen](store_actor::pointer self) -> store_actor::behavior_type {
    return {[self, to, &seen](write_documents& what) -> caf::result<written> {
      std::vector<std::string> payloads;
      for (const auto& each : what.documents)
        payloads.push_back(each.body.substr(each.body.find(stamp_mark) + stamp_mark.size()));
      auto promise = self->make_response_promise<written>();
      ask(self, to, 60s, std::move(what))
        .then(
          [promise, payloads, &seen](written& done) mutable {
            for (const auto& each : payloads)
              seen.arrived(each);
            promise.deliver(std::move(done));
          },
          [](const caf::error& why) { give_up(to_string(why)); });
      return promise;
    }};
  });
}

class chain {
public:
  chain(const place& where, const amqp::queue& queue, arrivals& seen) : system_(prepared(config_)) {
    amqp::connection to;
    to.where = amqp::always(amqp::parse_url(secret{where.broker}).value());
    mongodb::config target;
    target.where = mongodb::always({secret{where.store}});
    const auto store = keep(mongodb::spawn_store(unsupervised(system_, "bench/store"), target));
    const auto writer =
      keep(actors::spawn_db_writer(unsupervised(system_, "bench/writer"), {.to = store, .under_way = target.connections}));
    const auto watch = keep(spawn_watch(system_, writer, seen));
    const auto recorder =
      keep(actors::spawn_recorder(unsupervised(system_, "bench/recorder"),
                                  {.to_document = actors::text_documents(database, queue.name), .store = watch}));
    const auto handler = keep(actors::spawn_consumer(unsupervised(system_, "bench/consumer"), {.handler = recorder}));
    const auto letters =
      keep(amqp::spawn_publisher(unsupervised(system_, "bench/letters"), to, {.to = amqp::dead_letter_queue(queue)}));
    publisher_ = keep(amqp::spawn_publisher(unsupervised(system_, "bench/publisher"), to, {.to = queue}));
    amqp::subscription with;
    with.from = queue;
    with.prefetch = prefetch;
    source_ = keep(amqp::spawn_source(unsupervised(system_, "bench/source"), to, with, handler, letters));
  }
  chain(const chain&) = delete;
  chain& operator=(const chain&) = delete;
  ~chain() {
    for (auto each = ends_.rbegin(); each != ends_.rend(); ++each)
      caf::anon_send_exit(*each, caf::exit_reason::user_shutdown);
  }

  void publish_one(std::uint64_t number, std::string payload) {
    publish what;
    what.messages.emplace_back();
    what.messages.back().id = id_of(number);
    what.messages.back().payload = std::move(payload);
    send_anonymously(publisher_, std::move(what)); // that it arrives is its acknowledgement
  }

  void settle() { bench::settle(system_, source_); }

private:
  template <class Actor>
  Actor keep(Actor made) {
    ends_.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

  caf::actor_system_config config_;
  caf::actor_system system_;
  std::vector<caf::actor> ends_;
  publisher_actor publisher_;
  source_actor source_;
};

std::vector<double> measure_ours(const place& where, const std::string& name, std::uint64_t messages) {
  raw_mongodb{where.store}.drop(database);
  arrivals seen{messages};
  const auto queue = amqp::work_queue(name);
  {
    chain all{where, queue, seen};
    send_at_pace(messages, pace, seen.first_arrived,
                 [&](std::uint64_t number, std::string payload) { all.publish_one(number, std::move(payload)); });
    seen.all_arrived.wait();
    all.settle();
  }
  raw_amqp{where.broker}.remove(queue.name);
  return seen.took();
}

void measure(const place& where, std::uint64_t messages, unsigned rounds) {
  tell_latencies(
    "AMQP to MongoDB at 500 messages/s, publish to durable", rounds,
    [&](const std::string& queue) { return measure_raw(where, queue, messages); },
    [&](const std::string& queue) { return measure_ours(where, queue, messages); });
  raw_mongodb{where.store}.drop(database);
}

std::string variable(const char* name, std::string_view server) {
  const auto* const value = std::getenv(name);
  if (value == nullptr)
    give_up(std::string{name}.append(" is not set; run this below tests/servers/").append(server));
  return value;
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  std::uint64_t messages = 5000;
  unsigned rounds = 5;
  troupe::bench::options options{
    "Publish to durable document over RabbitMQ and MongoDB at a steady pace, beside bare clients"};
  options.add("--rounds", rounds);
  options.add("--messages", messages, "of one round");
  options.parse(argc, argv);
  mongoc_init();
  troupe::register_message_types();
  using troupe::bench::variable;
  troupe::bench::measure({variable("TROUPE_TEST_AMQP", "rabbitmq"), variable("TROUPE_TEST_MONGODB", "mongodb")}, messages,
                         rounds);
}
