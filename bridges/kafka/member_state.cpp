#include <troupe/bridges/kafka/member_state.hpp>

#include <chrono>
#include <string>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

namespace {

constexpr int committed_timeout_ms = 2000;
constexpr auto longest_read_committed = std::chrono::seconds{60};
constexpr auto letter_warning_every = std::chrono::minutes{1};

} // namespace

member_state::member_state(const spawn_context& context, connection to, subscription with,
                           std::shared_ptr<member_link> shared, client_watch& watching, client_access::make_function make)
  : config(std::move(with)),
    link(std::move(shared)),
    watch(watching),
    access(std::move(to), watching, std::move(make)),
    metrics(context, config.topic, config.group) {}

void member_state::take_orders() {
  for (auto& each : link->take_orders())
    std::visit([this](auto& order) { take(order); }, each);
}

bool member_state::wait(instant until) {
  while (running() && steady_now() < until) {
    link->bell.wait(until);
    take_orders();
  }
  return running();
}

// The client would begin at the committed offsets by itself, but it does not return their metadata.
bool member_state::read_committed(rd_kafka_topic_partition_list_t* partitions) {
  policies::backoff pause{policies::reconnect_backoff};
  const auto until = steady_now() + longest_read_committed;
  while (running() && steady_now() < until && rd_kafka_assignment_lost(client.get()) == 0) {
    const auto code = first_error(rd_kafka_committed(client.get(), partitions, committed_timeout_ms), partitions);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return true;
    watch.link_fails(to_failure(code, "while reading committed offsets"));
    wait(steady_now() + pause.next(steady_now()));
  }
  if (running() && steady_now() >= until)
    watch.cannot_go_on({errc::unavailable, "the group's committed offsets could not be read"});
  return false;
}

void member_state::take(inbound::batch_outcome& outcome) {
  if (config.transaction && outcome.answer.has_value())
    concluded.push_back(std::move(outcome));
  else
    work->ended(outcome, steady_now());
}

void member_state::take(inbound::publish_outcome& outcome) {
  const auto now = steady_now();
  const auto held = work->published(outcome.ticket, outcome.outcome, now);
  if (!held || now < next_letter_warning_)
    return;
  next_letter_warning_ = now + letter_warning_every;
  watch.say(severity::warning,
            "offset " + std::to_string(held->offset) + " of partition " + std::to_string(held->partition) + " of "
              + config.topic + " cannot be set aside as a dead letter, and waits: " + to_string(outcome.outcome.error()));
}

void member_state::take(inbound::begin_drain& order) {
  drain_by = order.by;
  work->all_leave(steady_now());
}

} // namespace troupe::kafka
