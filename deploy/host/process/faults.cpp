#include <troupe/deploy/host/process/faults.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::host {

namespace {

using actors::disturbance;

struct kind_row {
  fault_kind kind;
  std::string_view name;
  std::string_view about;
  bool lasts;
};

constexpr std::array<kind_row, 8> kinds{{
  {fault_kind::end_actor, "end_actor", "ends it at once, as a crash would; its supervisor starts it again", false},
  {fault_kind::fail_actor, "fail_actor", "has it end with an error; its supervisor starts it again", false},
  {fault_kind::hang_actor, "hang_actor", "its messages wait", true},
  {fault_kind::pause_channel, "pause_channel", "its consumers take nothing", true},
  {fault_kind::open_breaker, "open_breaker", "calls are turned away, as while the service keeps failing", true},
  {fault_kind::cut_peer, "cut_peer", "calls fail at once, as while the service cannot be reached", true},
  {fault_kind::delay_store, "delay_store", "writes wait up to a second", true},
  {fault_kind::fail_store, "fail_store", "writes fail at once, as while the store is away", true},
}};

constexpr auto why_refused = "faults are refused here: by default they are allowed only where the administration listens on "
                             "loopback and all services run in this process; set node.faults or TROUPE_FAULTS to allowed";

const kind_row& row_of(fault_kind kind) noexcept {
  return kinds[static_cast<std::size_t>(kind)];
}

failure unknown(std::string_view what, const std::string& name, const std::vector<std::string>& known) {
  const auto near = nearest(name, known);
  return {errc::not_found,
          "there is no " + std::string{what} + " '" + name + "'" + (near.empty() ? "" : "; nearest: " + near)};
}

std::vector<std::string> names_of(const std::vector<fault_target>& targets) {
  std::vector<std::string> result;
  for (const auto& each : targets)
    result.push_back(each.name);
  return result;
}

std::string in_seconds(duration span) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(span).count());
}

} // namespace

faults::faults(const process_plan& plan, fault_targets targets, fault_ports ports)
  : program_(plan.program),
    allowed_(plan.node.faults == fault_permission::allowed),
    targets_(std::move(targets)),
    ports_(std::move(ports)) {}

std::string faults::list() const {
  std::string out = allowed_ ? R"({"allowed":true,"reason":null,"kinds":[)" : R"({"allowed":false,"reason":)";
  if (!allowed_) {
    append_json_string(out, why_refused);
    out += R"(,"kinds":[)";
  }
  for (const auto& [kind, targets] : targets_) {
    const auto& row = row_of(kind);
    out += out.back() == '[' ? R"({"kind":)" : R"(,{"kind":)";
    append_json_string(out, row.name);
    out += R"(,"about":)";
    append_json_string(out, row.about);
    out += R"(,"targets":[)";
    for (const auto& each : targets) {
      out += &each == targets.data() ? "" : ",";
      append_json_string(out, each.name);
    }
    out.append(R"(],"needs_seconds":)").append(row.lasts ? "true}" : "false}");
  }
  out += R"(],"active":[)";
  const std::scoped_lock lock{guard_};
  for (const auto& each : active_)
    out.append(&each == active_.data() ? "" : ",").append(to_json(each));
  return out + "]}";
}

expected<std::string> faults::begin(const std::string& kind, const std::string& target, duration lasting) {
  if (!allowed_)
    return failure{errc::forbidden, why_refused};
  std::vector<std::string> known;
  const std::vector<fault_target>* targets = nullptr;
  fault_kind which{};
  for (const auto& [each, its] : targets_) {
    known.emplace_back(row_of(each).name);
    if (known.back() == kind) {
      targets = &its;
      which = each;
    }
  }
  if (targets == nullptr)
    return unknown("kind of fault", kind, known);
  const auto found = std::ranges::find(*targets, target, &fault_target::name);
  if (found == targets->end())
    return unknown("target of " + kind, target, names_of(*targets));
  const std::scoped_lock lock{guard_};
  if (over_)
    return failure{errc::shutting_down, "the process ends, and no fault with it"};
  if (row_of(which).lasts && is_taken(*found))
    return failure{errc::conflict, "another fault acts on " + target + " already"};
  ports_.watcher->make_counter("troupe_faults_total", "Faults that were made on purpose, by kind.", {{"kind", kind}}).add();
  log(severity::warning, "fault: " + kind + " of " + target
                           + (row_of(which).lasts ? " for " + in_seconds(lasting) + " s" : std::string{})
                           + ", as the administration was asked");
  const auto until = ports_.now() + lasting;
  carry_out(which, *found, until);
  if (!row_of(which).lasts)
    return to_json({0, which, &*found, ports_.clock(), ports_.now()});
  active_.push_back({++last_, which, &*found, ports_.clock(), until});
  return to_json(active_.back());
}

expected<void> faults::end(std::uint64_t number) {
  const std::scoped_lock lock{guard_};
  const auto found = std::ranges::find(active_, number, &active_fault::number);
  if (found == active_.end())
    return failure{errc::not_found, "there is no such fault, or no longer"};
  finish(*found, "was ended");
  active_.erase(found);
  return {};
}

void faults::end_all() {
  const std::scoped_lock lock{guard_};
  for (const auto& each : active_)
    finish(each, "ends with the process");
  active_.clear();
  over_ = true;
}

void faults::tick() {
  const std::scoped_lock lock{guard_};
  if (active_.empty())
    return;
  const auto now = ports_.now();
  for (const auto& each : active_)
    if (now >= each.until)
      finish(each, "is over");
    else if (each.kind == fault_kind::delay_store)
      disturb(*each.target, disturbance::pass);
  std::erase_if(active_, [now](const active_fault& each) { return now >= each.until; });
}

std::set<std::string> faults::targets_under(fault_kind kind) const {
  std::set<std::string> result;
  const std::scoped_lock lock{guard_};
  for (const auto& each : active_)
    if (each.kind == kind)
      result.insert(each.target->name);
  return result;
}

bool faults::is_taken(const fault_target& target) const {
  return std::ranges::any_of(active_, [&](const active_fault& each) {
    const auto& other = *each.target;
    return (target.toggle != nullptr && other.toggle == target.toggle)
           || std::ranges::any_of(target.actors, [&](const std::string& path) {
                return std::ranges::find(other.actors, path) != other.actors.end();
              });
  });
}

void faults::carry_out(fault_kind kind, const fault_target& target, instant until) {
  switch (kind) {
    case fault_kind::end_actor:
      return disturb(target, disturbance::kill);
    case fault_kind::fail_actor:
      return disturb(target, disturbance::fail);
    case fault_kind::hang_actor:
    case fault_kind::delay_store:
      return disturb(target, disturbance::hold);
    case fault_kind::cut_peer:
    case fault_kind::fail_store:
      return disturb(target, disturbance::cut);
    case fault_kind::pause_channel:
    case fault_kind::open_breaker:
      target.toggle->turn_on(until);
  }
}

void faults::finish(const active_fault& one, std::string_view how) {
  if (one.target->toggle)
    one.target->toggle->turn_off();
  disturb(*one.target, disturbance::restore);
  log(severity::info, "fault: " + std::string{row_of(one.kind).name} + " of " + one.target->name + ' ' + std::string{how});
}

void faults::disturb(const fault_target& target, disturbance how) const {
  for (const auto& each : target.actors)
    ports_.disturb(each, how);
}

std::string faults::to_json(const active_fault& one) const {
  std::string out = R"({"number":)" + std::to_string(one.number) + R"(,"kind":)";
  append_json_string(out, row_of(one.kind).name);
  out += R"(,"target":)";
  append_json_string(out, one.target->name);
  out += R"(,"since":")" + to_rfc3339(one.since, precision::milliseconds);
  return out + R"(","ends_in_seconds":)" + in_seconds(std::max(duration::zero(), one.until - ports_.now())) + '}';
}

void faults::log(severity level, const std::string& text) const {
  ports_.watcher->log(level, {program_, "faults"}, text);
}

} // namespace troupe::host
