#include <troupe/bridges/telemetry/kept_traces.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/trace_id.hpp>

namespace troupe::telemetry {

namespace {

policies::trace_worth worth_of(const span_record& one, duration slow) {
  if (one.outcome.code == errc::actor_failed)
    return policies::trace_worth::restarted;
  if (one.outcome.code != errc::none)
    return policies::trace_worth::failed;
  return one.took >= slow ? policies::trace_worth::slow : policies::trace_worth::ordinary;
}

template <class Bytes>
std::string hex_of(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const auto byte : bytes) {
    result += digits[byte >> 4U];
    result += digits[byte & 0x0fU];
  }
  return result;
}

std::string milliseconds_of(duration took) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  const auto rest = std::to_string(micros % 1000);
  return std::to_string(micros / 1000) + '.' + std::string(3 - rest.size(), '0') + rest;
}

void add_text(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{')
    out += ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void add_raw(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{')
    out += ',';
  append_json_string(out, name);
  out.append(":").append(value);
}

void add_error(std::string& out, const failure& why) {
  if (why.code == errc::none)
    return;
  add_text(out, "error", to_string(why.code));
  add_text(out, "reason", why.reason);
}

std::string value_of(const attribute_value& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) {
    std::string result;
    append_json_string(result, *text);
    return result;
  }
  if (const auto* const number = std::get_if<std::int64_t>(&value))
    return std::to_string(*number);
  return std::get<bool>(value) ? "true" : "false";
}

std::string outline_of(const span_record& one) {
  std::string out = "{";
  add_text(out, "id", hex_of(one.context.span_id));
  if (one.context.parent_span_id != decltype(one.context.parent_span_id){})
    add_text(out, "parent", hex_of(one.context.parent_span_id));
  add_text(out, "name", one.name);
  add_text(out, "service", one.service);
  add_text(out, "began", to_rfc3339(one.began));
  add_raw(out, "ms", milliseconds_of(one.took));
  add_error(out, one.outcome);
  return out + '}';
}

std::string to_json(const span_record& one) {
  auto out = outline_of(one);
  out.pop_back();
  add_text(out, "kind", to_string(one.kind));
  std::string attributes = "{";
  for (const auto& each : one.attributes)
    add_raw(attributes, each.name, value_of(each.value));
  add_raw(out, "attributes", attributes + '}');
  std::string links = "[";
  for (const auto& each : one.links)
    links.append(links.size() > 1 ? "," : "")
      .append(R"({"trace":")")
      .append(hex_of(each.trace_id))
      .append(R"(","span":")")
      .append(hex_of(each.span_id))
      .append("\"}");
  add_raw(out, "links", links + ']');
  return out + '}';
}

std::vector<span_record_ptr> in_order(std::vector<span_record_ptr> spans) {
  std::ranges::stable_sort(spans, {}, [](const span_record_ptr& one) { return one->began; });
  return spans;
}

} // namespace

void kept_traces::take(const span_record_ptr& ended) noexcept {
  try {
    keep(ended);
  } catch (const std::exception&) { // there is no memory: it is not kept
  }
}

void kept_traces::keep(const span_record_ptr& ended) {
  const auto worth = worth_of(*ended, config_.slow);
  if (ended->context.here == trace_context::recording::exported && worth == policies::trace_worth::ordinary)
    return;
  const auto size = ended->size();
  const auto& id = ended->context.trace_id;
  const std::scoped_lock lock{guard_};
  if (!retention_.has_room(id, size)) {
    if (const auto known = traces_.find(id); known != traces_.end())
      ++known->second.left_out;
    return;
  }
  traces_[id].spans.push_back(ended);
  for (const auto& gone : retention_.added(id, size, worth))
    traces_.erase(gone);
}

bool kept_traces::knows(const policies::trace_key& trace) const {
  const std::scoped_lock lock{guard_};
  return traces_.contains(trace);
}

std::string kept_traces::list() const {
  std::vector<std::pair<timestamp, std::string>> all;
  std::unique_lock lock{guard_};
  const auto copy = traces_;
  lock.unlock();
  for (const auto& [id, one] : copy) {
    const auto spans = in_order(one.spans);
    const auto& first = *spans.front();
    auto end = first.began;
    const failure* why = nullptr;
    for (const auto& each : spans) {
      end = std::max(end, each->began + std::chrono::duration_cast<std::chrono::nanoseconds>(each->took));
      if (why == nullptr && each->outcome.code != errc::none)
        why = &each->outcome;
    }
    std::string out = "{";
    add_text(out, "id", hex_of(id));
    add_text(out, "name", first.name);
    add_text(out, "service", first.service);
    add_text(out, "began", to_rfc3339(first.began));
    add_raw(out, "ms", milliseconds_of(end - first.began));
    add_raw(out, "spans", std::to_string(spans.size() + one.left_out));
    if (why != nullptr)
      add_error(out, *why);
    all.emplace_back(first.began, out + '}');
  }
  std::ranges::stable_sort(all, std::greater<>{}, [](const auto& each) { return each.first; });
  std::string result = R"({"traces":[)";
  for (const auto& [began, text] : all)
    result.append(result.back() == '[' ? "" : ",").append(text);
  return result + "]}";
}

std::optional<kept_traces::kept_trace> kept_traces::find(const policies::trace_key& trace) const {
  const std::scoped_lock lock{guard_};
  const auto found = traces_.find(trace);
  return found == traces_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::string> kept_traces::show(std::string_view id) const {
  const auto wanted = read_trace_id(lower_case(id));
  auto found = wanted ? find(*wanted) : std::nullopt;
  if (!found)
    return std::nullopt;
  std::string out = "{";
  add_text(out, "id", hex_of(*wanted));
  add_raw(out, "left-out", std::to_string(found->left_out));
  std::string spans = "[";
  for (const auto& each : in_order(std::move(found->spans)))
    spans.append(spans.size() > 1 ? "," : "").append(to_json(*each));
  add_raw(out, "spans", spans + ']');
  return out + '}';
}

std::optional<std::string> kept_traces::outline(const policies::trace_key& trace) const {
  auto found = find(trace);
  if (!found)
    return std::nullopt;
  auto all = in_order(std::move(found->spans));
  const auto beyond = all.size() - std::min(all.size(), most_outlined);
  all.resize(all.size() - beyond);
  std::string out = "{";
  add_text(out, "id", hex_of(trace));
  add_raw(out, "left-out", std::to_string(found->left_out + beyond));
  std::string spans = "[";
  for (const auto& each : all)
    spans.append(spans.size() > 1 ? "," : "").append(outline_of(*each));
  add_raw(out, "spans", spans + ']');
  return out + '}';
}

} // namespace troupe::telemetry
