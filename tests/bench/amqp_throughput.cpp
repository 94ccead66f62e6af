// Messages confirmed by a real RabbitMQ, and messages consumed and acknowledged, from the first delivery to an orderly
// end after the last acknowledgement, against bare rabbitmq-c with the same window and the same batch of acknowledgements.
// tests/servers/rabbitmq runs it.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <latch>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/bridges/amqp/access.hpp>
#include <troupe/bridges/amqp/publisher.hpp>
#include <troupe/bridges/amqp/source.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/delivery.hpp>

#include "figure.hpp"
#include "measured_system.hpp"
#include "options.hpp"
#include "raw_amqp.hpp"

namespace troupe::bench {

namespace {

using namespace std::chrono_literals;

struct load {
  std::uint64_t messages = 100'000;
  std::uint64_t batch = 100;    // messages of one publish
  std::uint64_t in_flight = 16; // publishes
};

constexpr std::size_t payload_size = 200;
constexpr std::uint64_t window = 500;
constexpr std::uint16_t prefetch = 100;
constexpr std::uint64_t ack_batch = 50;

std::string broker_url() {
  const auto* const broker = std::getenv("TROUPE_TEST_AMQP");
  if (broker == nullptr)
    give_up("TROUPE_TEST_AMQP does not say where the broker is; run this through tests/servers/rabbitmq");
  return broker;
}

amqp::connection to_broker() {
  amqp::connection made;
  made.where = amqp::always(amqp::parse_url(secret{broker_url()}).value());
  return made;
}

class stopwatch {
public:
  [[nodiscard]] double rate(std::uint64_t messages) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
    return static_cast<double>(messages) / took.count();
  }

private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

using load_actor = caf::typed_actor<caf::result<void>(caf::tick_atom)>;

// Keeps so many publishes under way until everything is confirmed.
class load_state {
public:
  load_state(load_actor::pointer self, publisher_actor to, const load& what, std::latch& done)
    : self_(self), to_(std::move(to)), what_(what), done_(done) {}

  load_actor::behavior_type make_behavior() {
    return {[this](caf::tick_atom) {
      while (under_way_ < what_.in_flight && sent_ < what_.messages)
        ship();
    }};
  }

private:
  void ship() {
    publish next;
    next.messages.resize(what_.batch);
    for (auto& each : next.messages) {
      each.id = "message-" + std::to_string(sent_++);
      each.payload.assign(payload_size, 'x');
    }
    ++under_way_;
    ask(self_, to_, 60s, std::move(next))
      .then([this](const published& done) { confirmed(done); }, [](const caf::error& why) { give_up(to_string(why)); });
  }

  void confirmed(const published& done) {
    if (!done.complete())
      give_up("a message was not confirmed");
    --under_way_;
    if (sent_ < what_.messages)
      ship();
    else if (under_way_ == 0) {
      done_.count_down();
      self_->quit();
    }
  }

  load_actor::pointer self_;
  publisher_actor to_;
  const load what_;
  std::latch& done_;
  std::uint64_t sent_ = 0;
  std::uint64_t under_way_ = 0;
};

/// One message there and back, so that connections and queues stand when the time begins.
void await(caf::actor_system& system, const publisher_actor& to) {
  caf::scoped_actor self{system};
  message one;
  one.id = "first";
  self->request(to, 60s, publish{{one}})
    .receive(
      [](const published& done) {
        if (!done.complete())
          give_up("the first message was not confirmed");
      },
      [](const caf::error& why) { give_up(to_string(why)); });
}

double publish_ours(caf::actor_system& system, const amqp::queue& queue, const load& what) {
  const auto to =
    amqp::spawn_publisher(unsupervised(system, "bench/publisher"), to_broker(), {.to = queue, .window = window});
  await(system, to);
  std::latch done{1};
  const stopwatch since;
  send_anonymously(system.spawn<caf::stateful_actor<load_state, load_actor::impl>>(to, what, std::ref(done)),
                   caf::tick_atom_v);
  done.wait();
  const auto rate = since.rate(what.messages);
  ask_to_end(to, caf::exit_reason::kill);
  return rate;
}

double consume_ours(caf::actor_system& system, const amqp::queue& queue, std::uint64_t messages) {
  std::latch done{1};
  std::uint64_t handled = 0;
  std::optional<stopwatch> since;
  const auto handler = system.spawn([&](handler_actor::pointer) -> handler_actor::behavior_type {
    return {[&](const deliveries& what) -> caf::result<replies> {
      if (!since)
        since.emplace();
      handled += what.batch.size();
      if (handled == messages)
        done.count_down();
      return replies{std::vector<reply>(what.batch.size()), {}};
    }};
  });
  amqp::subscription with;
  with.from = queue;
  with.prefetch = prefetch;
  with.ack_after = ack_batch;
  const auto letters =
    amqp::spawn_publisher(unsupervised(system, "bench/letters"), to_broker(), {.to = amqp::dead_letter_queue(queue)});
  const auto from = amqp::spawn_source(unsupervised(system, "bench/source"), to_broker(), with, handler, letters);
  done.wait();
  settle(system, from);
  const auto rate = since->rate(messages);
  ask_to_end(from, caf::exit_reason::kill);
  ask_to_end(letters, caf::exit_reason::kill);
  ask_to_end(handler, caf::exit_reason::kill);
  return rate;
}

double consume_raw(const std::string& queue, std::uint64_t messages) {
  raw_amqp raw{broker_url()};
  std::optional<stopwatch> since;
  raw.consume(queue, messages, prefetch, ack_batch, [&since](std::string_view, std::string_view) {
    if (!since)
      since.emplace();
  });
  raw.close();
  const auto rate = since->rate(messages);
  raw_amqp{broker_url()}.remove(queue);
  return rate;
}

void measure(caf::actor_system& system, const load& what, unsigned rounds) {
  std::vector<double> published_raw;
  std::vector<double> published_ours;
  std::vector<double> consumed_raw;
  std::vector<double> consumed_ours;
  const std::string payload(payload_size, 'x');
  for (unsigned round = 0; round < rounds; ++round) {
    const auto name = "bench-" + std::to_string(round);
    {
      raw_amqp raw{broker_url()};
      raw.declare(name + "-raw");
      const stopwatch since;
      raw.publish(name + "-raw", what.messages, payload, window);
      published_raw.push_back(since.rate(what.messages));
    }
    consumed_raw.push_back(consume_raw(name + "-raw", what.messages));
    const auto queue = amqp::work_queue(name + "-ours");
    published_ours.push_back(publish_ours(system, queue, what));
    consumed_ours.push_back(consume_ours(system, queue, what.messages + 1)); // with the first one
    raw_amqp{broker_url()}.remove(queue.name);
  }
  report({"AMQP, confirmed publish", "messages/s", published_raw, published_ours, "ratio >= 0.9"});
  report({"AMQP, acknowledged consumption", "messages/s", consumed_raw, consumed_ours, "ratio >= 0.9"});
}

} // namespace

} // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::load what;
  unsigned rounds = 15;
  troupe::bench::options options{"Confirmed publish and acknowledged consumption against bare rabbitmq-c"};
  options.add("--rounds", rounds);
  options.add("--messages", what.messages, "a multiple of 100");
  options.parse(argc, argv);
  troupe::register_message_types();
  caf::actor_system_config config;
  caf::actor_system system{troupe::bench::prepared(config)};
  troupe::bench::measure(system, what, rounds);
}
