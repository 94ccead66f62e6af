#include <troupe/bridges/inbound/source_spans.hpp>

#include <troupe/messages/values/identifier.hpp>

namespace troupe::inbound {

using recording = trace_context::recording;

source_spans::source_spans(std::string system, const spawn_context& context)
  : system_(std::move(system)), watcher_(context.watcher), service_(context.service()) {}

span& source_spans::describe(span& work, const std::string& operation, const origin& from, const message& content) {
  work.with("messaging.system", system_)
    .with("messaging.operation.name", operation)
    .with("messaging.operation.type", operation)
    .with("messaging.destination.name", from.source)
    .with("messaging.message.id", id_text(content.id));
  if (system_ != "rabbitmq")
    work.with("messaging.destination.partition.id", std::to_string(from.partition));
  if (system_ == "kafka")
    work.with("messaging.kafka.offset", from.offset);
  return work;
}

void source_spans::handed_out(hand_out& out, instant now) {
  std::vector<handled> begun;
  for (std::size_t at = 0; at != out.request.batch.size(); ++at) {
    auto& one = out.request.batch[at];
    auto& trace = one.content.trace;
    if (!trace.valid())
      continue;
    if (one.attempts > 0 && !delayed_.empty())
      wait_ends(one, now);
    span work{watcher_, one.from.source, span_kind::consumer, trace, service_};
    const auto came_with = std::exchange(trace, work.context());
    if (!work.recorded())
      continue;
    describe(work.rename("receive " + one.from.source), "receive", one.from, one.content)
      .with("messaging.message.body.size", one.content.payload.size())
      .with("troupe.delivery.attempts", one.attempts);
    begun.push_back({at, {one.from.source, one.from.partition, one.from.offset}, came_with, std::move(work)});
  }
  if (!begun.empty())
    handled_.emplace(out.batch, std::move(begun));
}

void source_spans::answered(std::uint64_t batch, const replies& answer, instant now) {
  auto begun = handled_.extract(batch);
  if (!begun)
    return;
  for (auto& one : begun.mapped()) {
    if (one.at >= answer.each.size())
      continue;
    const auto& reply = answer.each[one.at];
    if (reply.verdict == verdict::untouched)
      one.work.with("troupe.verdict", std::string{"untouched"});
    if (reply.verdict == verdict::retry || reply.verdict == verdict::reject)
      one.work.fail(reply.why);
    if (reply.verdict == verdict::retry)
      wait_begins(one, now);
  }
}

void source_spans::failed(std::uint64_t batch, const failure& why, instant now) {
  auto begun = handled_.extract(batch);
  if (!begun)
    return;
  for (auto& one : begun.mapped()) {
    one.work.fail(why);
    wait_begins(one, now);
  }
}

void source_spans::wait_begins(const handled& one, instant now) {
  if (delayed_.size() < most_delayed)
    delayed_.insert_or_assign(one.which, delayed{one.came_with, now});
}

void source_spans::wait_ends(const delivery& one, instant now) {
  const auto waited = delayed_.extract(position{one.from.source, one.from.partition, one.from.offset});
  if (!waited)
    return;
  span wait{watcher_, "delayed retry", span_kind::internal, waited.mapped().trace, service_};
  wait.since(now - waited.mapped().since);
  describe(wait, "delay", one.from, one.content).with("troupe.delivery.attempts", one.attempts);
}

void source_spans::letter_begins(std::uint64_t ticket, const dead_letter& letter, message& sent) {
  delayed_.erase({letter.from.source, letter.from.partition, letter.from.offset});
  span work{watcher_, "dead letter", span_kind::producer, sent.trace, service_};
  sent.trace.here = recording::left_out;
  if (!work.recorded())
    return;
  describe(work.rename("dead letter " + letter.from.source), "send", letter.from, letter.content)
    .with("troupe.dead_letter.error", std::string{to_string(letter.why.code)})
    .with("troupe.delivery.attempts", letter.attempts);
  publishing_.emplace(ticket, std::move(work));
}

void source_spans::retry_begins(std::uint64_t ticket, message& sent, const std::string& to) {
  span work{watcher_, "delayed retry", span_kind::producer, sent.trace, service_};
  sent.trace.here = recording::left_out;
  if (!work.recorded())
    return;
  work.with("messaging.system", system_)
    .with("messaging.operation.name", std::string{"send"})
    .with("messaging.operation.type", std::string{"send"})
    .with("messaging.destination.name", to)
    .with("messaging.message.id", id_text(sent.id));
  publishing_.emplace(ticket, std::move(work));
}

void source_spans::published(std::uint64_t ticket, const expected<void>& outcome) {
  auto work = publishing_.extract(ticket);
  if (work && outcome.has_error())
    work.mapped().fail(outcome.error());
}

} // namespace troupe::inbound
