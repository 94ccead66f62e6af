#include <troupe/bridges/telemetry/kept_log.hpp>

#include <algorithm>
#include <utility>

#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/trace_context.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::telemetry {

namespace {

constexpr std::size_t longest_message = 2048;
constexpr std::string_view not_shown = "(a message, which stands in the log alone)";

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, value);
}

} // namespace

std::size_t kept_log::line::size() const noexcept {
  return sizeof(line) + service.size() + actor.size() + message.size() + trace.size() + span.size();
}

bool kept_log::line::is_wanted(const log_wish& wish) const noexcept {
  return number > wish.after && passes(level, wish.level) && (wish.service.empty() || wish.service == service)
         && (wish.trace.empty() || wish.trace == trace);
}

void kept_log::line::append_to(std::string& out) const {
  out.append(R"({"number":)").append(std::to_string(number));
  append_member(out, "time", to_rfc3339(at));
  append_member(out, "level", to_string(level));
  append_member(out, "service", service);
  append_member(out, "actor", actor);
  append_member(out, "message", message);
  append_member(out, "trace", trace);
  append_member(out, "span", span);
  out += '}';
}

void kept_log::add(const log_entry& entry) {
  const auto& who = entry.who;
  const bool traced = who.trace != nullptr && who.trace->valid();
  const auto text = who.text == log_text::payload ? not_shown : cut(entry.text, longest_message);
  auto one = std::make_shared<line>(line{0, entry.at, entry.level, std::string{cut(who.service, longest_message)},
                                         std::string{cut(who.actor, longest_message)}, std::string{text},
                                         traced ? std::string{trace_id_text(*who.trace)} : std::string{},
                                         traced ? std::string{span_id_text(*who.trace)} : std::string{}});
  const auto size = one->size();
  const std::scoped_lock lock{guard_};
  one->number = ++last_;
  bytes_ += size;
  lines_.push_back(std::move(one));
  while (lines_.size() > config_.lines || bytes_ > config_.bytes) {
    bytes_ -= lines_.front()->size();
    lines_.pop_front();
  }
}

std::pair<kept_log::lines, std::uint64_t> kept_log::wanted(log_wish wish) const {
  lines found;
  const std::scoped_lock lock{guard_};
  if (wish.after > last_)
    wish.after = 0;
  for (const auto& each : lines_) {
    if (each->is_wanted(wish))
      found.push_back(each);
    if (found.size() == wish.limit)
      return {std::move(found), each->number};
  }
  return {std::move(found), last_};
}

// Those that log do not wait while the lines are written out.
std::string kept_log::list(const log_wish& wish) const {
  const auto [found, next] = wanted(wish);
  std::string out = R"({"lines":[)";
  for (const auto& each : found) {
    out += each == found.front() ? "" : ",";
    each->append_to(out);
  }
  return out + R"(],"next":)" + std::to_string(next) + '}';
}

} // namespace troupe::telemetry
