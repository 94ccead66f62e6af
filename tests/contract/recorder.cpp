#include "recorder.hpp"

#include <algorithm>

#include <troupe/messages/values/identifier.hpp>

namespace troupe::contract {

namespace {

/// How long a test waits for what must happen, before it fails.
constexpr std::chrono::seconds patience{20};

} // namespace

class recorder::cell final : public counter, public gauge, public histogram {
public:
  explicit cell(recorder& owner) : owner_(owner) {}

  void add(double amount) noexcept override {
    const std::scoped_lock lock{owner_.guard_};
    value += amount;
    owner_.changed_.notify_all();
  }
  void set(double what) noexcept override {
    const std::scoped_lock lock{owner_.guard_};
    value = what;
    owner_.changed_.notify_all();
  }
  void observe(double) noexcept override { add(1); }

  double value = 0;

private:
  recorder& owner_;
};

recorder::recorder() = default;
recorder::~recorder() = default;

recorder::cell& recorder::make(std::string_view name, const label_list& labels) {
  auto key = std::string{name} + "{";
  for (const auto& each : labels)
    key += std::string{each.name} + "=" + std::string{each.value} + ",";
  const std::scoped_lock lock{guard_};
  auto& place = cells_[key];
  if (!place)
    place = std::make_unique<cell>(*this);
  return *place;
}

counter& recorder::make_counter(std::string_view name, std::string_view, const label_list& labels) {
  return make(name, labels);
}

gauge& recorder::make_gauge(std::string_view name, std::string_view, const label_list& labels) {
  return make(name, labels);
}

histogram& recorder::make_histogram(std::string_view name, std::string_view, const label_list& labels) {
  return make(name, labels);
}

void recorder::log(severity, const speaker&, std::string_view text, source_location) {
  make("log", {}).add(1);
  const std::scoped_lock lock{guard_};
  lines_.emplace_back(text);
}

bool recorder::logged(std::string_view text) const {
  const std::scoped_lock lock{guard_};
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const std::string& each) { return each.find(text) != std::string::npos; });
}

trace_context recorder::begin_span(std::string_view name, span_kind kind, const trace_context& parent) {
  static thread_local const auto random = system_random();
  auto child = child_of(parent, random);
  const std::scoped_lock lock{guard_};
  open_[span_id_text(child)] = {std::string{name}, kind, {errc::none, {}}};
  return child;
}

void recorder::end_span(const trace_context& span, const failure& how) noexcept {
  const std::scoped_lock lock{guard_};
  auto node = open_.extract(span_id_text(span));
  node.mapped().outcome = how;
  ended_.push_back(std::move(node.mapped()));
  changed_.notify_all();
}

double recorder::sum(const std::string& name, const std::string& part) const {
  double result = 0;
  for (const auto& [key, each] : cells_)
    if (key.rfind(name + "{", 0) == 0 && key.find(part) != std::string::npos)
      result += each->value;
  return result;
}

double recorder::value(const std::string& name, const std::string& part) const {
  const std::scoped_lock lock{guard_};
  return sum(name, part);
}

bool recorder::comes_to(const std::string& name, const std::string& part, const std::function<bool(double)>& wanted) const {
  std::unique_lock lock{guard_};
  return changed_.wait_for(lock, patience, [&] { return wanted(sum(name, part)); });
}

bool recorder::becomes(const std::string& name, const std::string& part, double wanted) const {
  return comes_to(name, part, [wanted](double now) { return now == wanted; });
}

bool recorder::reaches(const std::string& name, const std::string& part, double least) const {
  return comes_to(name, part, [least](double now) { return now >= least; });
}

bool recorder::falls_to(const std::string& name, const std::string& part, double most) const {
  return comes_to(name, part, [most](double now) { return now <= most; });
}

std::vector<recorder::span_seen> recorder::spans(std::size_t at_least) const {
  std::unique_lock lock{guard_};
  changed_.wait_for(lock, patience, [&] { return ended_.size() >= at_least; });
  return ended_;
}

} // namespace troupe::contract
