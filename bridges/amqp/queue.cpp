#include <troupe/bridges/amqp/queue.hpp>

#include <chrono>
#include <utility>

namespace troupe::amqp {

namespace {

// Sends messages that are rejected or expire to a queue. Without reject-publish the broker would not do this at least once:
// https://www.rabbitmq.com/quorum-queues.html#activating-at-least-once-dead-lettering
std::vector<argument> leading_to(const std::string& queue) {
  return {{"x-dead-letter-exchange", std::string{}},
          {"x-dead-letter-routing-key", queue},
          {"x-dead-letter-strategy", std::string{"at-least-once"}},
          {"x-overflow", std::string{"reject-publish"}}};
}

std::string printed(const std::variant<std::string, std::int64_t>& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return std::to_string(*number);
  const auto& text = std::get<std::string>(value);
  return text.empty() ? "''" : text;
}

} // namespace

queue work_queue(std::string name, queue_kind kind) {
  queue made{std::move(name), kind, {}};
  if (kind == queue_kind::quorum)
    made.arguments = leading_to(dead_letter_queue_name(made.name));
  return made;
}

std::string dead_letter_queue_name(std::string_view of) {
  return std::string{of} + ".dlq";
}

queue dead_letter_queue(const queue& of) {
  return {dead_letter_queue_name(of.name), queue_kind::letters, {}};
}

queue delay_queue(const queue& of, duration delay) {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(delay).count();
  queue made{of.name + ".retry." + std::to_string(wait), queue_kind::quorum, leading_to(of.name)};
  made.arguments.push_back({"x-message-ttl", std::int64_t{wait}});
  return made;
}

std::vector<queue> queues_around(const queue& work, const std::vector<duration>& delays) {
  std::vector<queue> result{work, dead_letter_queue(work)};
  for (const auto& each : delays)
    result.push_back(delay_queue(work, each));
  return result;
}

std::vector<argument> arguments_of(const queue& declared) {
  std::vector<argument> result;
  if (declared.kind != queue_kind::reference) // a virtual host may have another default type
    result.push_back({"x-queue-type", std::string{declared.kind == queue_kind::quorum ? "quorum" : "classic"}});
  result.insert(result.end(), declared.arguments.begin(), declared.arguments.end());
  return result;
}

bool is_durable(const queue& declared) noexcept {
  return declared.kind != queue_kind::reference;
}

std::string properties_text(const queue& declared) {
  std::string text = is_durable(declared) ? "durable=true" : "durable=false";
  for (const auto& each : arguments_of(declared))
    text.append(", ").append(each.name).append("=").append(printed(each.value));
  return text;
}

std::string_view remedy_of(const queue& declared, std::string_view words) noexcept {
  const auto says = [words](std::string_view text) { return words.find(text) != std::string_view::npos; };
  if (!says("inequivalent arg"))
    return {};
  if (declared.kind == queue_kind::quorum && says("'durable'"))
    return "; if it is the queue of a reference platform, set 'compatibility: reference' for it in the topology";
  if (declared.kind == queue_kind::reference)
    return "; if it is not the queue of a reference platform, set 'compatibility: troupe' for it in the topology";
  return "; to use it as it is, set 'declared-by: operators' for it in the topology; "
         "or delete it when it is empty, and it is created again";
}

} // namespace troupe::amqp
