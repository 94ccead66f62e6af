#include <troupe/deploy/host/code_part.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <google/protobuf/descriptor.h>

#include <troupe/deploy/host/topology/settings_lister.hpp>
#include <troupe/deploy/host/topology/settings_steps.hpp>
#include <troupe/deploy/host/topology/settings_variables.hpp>
#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe::host {

namespace {

/// Adds those that are not there yet.
template <class Things, class Same>
void merge(Things& into, Things from, Same same) {
  for (auto& one : from)
    if (std::ranges::none_of(into, [&](const auto& there) { return same(there, one); }))
      into.push_back(std::move(one));
}

bool is_secret(const declared_setting& one) noexcept {
  return one.of_secret != declared_setting::need::none;
}

} // namespace

std::string times_of(const timer_code& timer) {
  return timer.schedule.empty() ? "every " + settings::text_form<duration>::print(timer.every)
                                : "cron " + timer.schedule + ' ' + timer.zone;
}

setting_source said_by(const service_code& code, const source_location& where) {
  const std::string_view file = where.file_name();
  const auto place = file.empty()
                       ? std::string{"code"}
                       : std::string{file.substr(file.find_last_of('/') + 1)} + ':' + std::to_string(where.line());
  return {setting_source::kind::code, {}, place + ": service " + code.name};
}

code_uses collect_uses(const service_code& code) {
  code_uses result;
  const auto collect = [&](const auto& part, const std::string& name) {
    declared_uses found;
    service_context context{code.name, found, part.where};
    try {
      static_cast<void>(part.make(context));
    } catch (const std::exception& problem) {
      result.failures.push_back({name + " cannot be made: " + problem.what(), part.where});
    }
    merge(result.calls, std::move(found.calls),
          [](const auto& a, const auto& b) { return a.service == b.service && a.contract == b.contract; });
    merge(result.publishes, std::move(found.publishes),
          [](const auto& a, const auto& b) { return a.channel == b.channel && a.type == b.type; });
    merge(result.stores, std::move(found.stores), [](const auto& a, const auto& b) { return a.name == b.name; });
    merge(result.settings, std::move(found.settings), [](const auto& a, const auto& b) {
      return a.name == b.name && a.standard == b.standard && a.allowed == b.allowed;
    });
  };
  for (const auto& one : code.serves)
    collect(one, one.contract->full_name());
  for (const auto& one : code.consumes)
    collect(one, "the handler of " + one.channel);
  for (const auto& one : code.timers)
    collect(one, "the timer");
  for (const auto& one : code.checks)
    collect(one, "the health check " + one.name);
  for (const auto& one : code.steps)
    collect(one, "the step " + one.name);
  return result;
}

service_uses code_part::uses() const {
  service_uses result;
  result.answers = code_ == nullptr || !code_->serves.empty();
  if (code_ == nullptr)
    return result;
  result.stores = !used_->stores.empty();
  for (const auto& call : used_->calls)
    if (std::ranges::find(result.calls, call.service, &called_service::name) == result.calls.end())
      result.calls.push_back({call.service, said_by(*code_, call.where)});
  for (const auto& to : used_->publishes)
    if (std::ranges::find(result.publishes, to.channel, &used_channel::name) == result.publishes.end())
      result.publishes.push_back({to.channel, said_by(*code_, to.where)});
  return result;
}

const declared_setting* code_part::find_setting(std::string_view name) const noexcept {
  const auto found = std::ranges::find(used_->settings, name, &declared_setting::name);
  return found == used_->settings.end() ? nullptr : &*found;
}

void code_part::take_settings(const code_part& written, diagnostics& found) {
  where = written.where;
  std::vector<std::string> names;
  for (const auto& one : used_->settings)
    names.push_back(one.name);
  for (const auto& one : written.written_) {
    const auto* const declared = find_setting(one.key);
    if (declared == nullptr)
      found.add(one.where, "the code has no setting " + in_quotes(one.key), names.empty() ? "none" : listed(names),
                nearest(one.key, names));
    else if (auto shown = declared->read(one.text))
      given_[one.key] = {one.text, std::move(*shown), stands_at(one.of_value)};
    else
      found.add(one.of_value, (is_secret(*declared) ? "this" : in_quotes(one.text)) + " is not allowed here",
                declared->expected(one.text), nearest(one.text, declared->words));
  }
}

std::map<std::string, std::string, std::less<>> code_part::given_settings() const {
  std::map<std::string, std::string, std::less<>> result;
  for (const auto& [name, value] : given_)
    if (!is_secret(*find_setting(name)))
      result.emplace(name, value.text);
  return result;
}

void code_part::list(setting_lister& into) const {
  for (const auto& one : used_->settings) {
    const auto given = given_.find(one.name);
    const bool is_given = given != given_.end();
    into.line({one.name, is_given ? given->second.shown : one.standard, is_given ? given->second.source : setting_source{},
               one.allowed, is_given ? one.standard : std::string{}, one.reason});
  }
}

bool code_part::apply_variable(const std::string& suffix, const set_variable& variable) {
  const auto names = variables();
  const auto index = std::ranges::find(names, suffix) - names.begin();
  if (index == std::ssize(names))
    return false;
  const auto& declared = used_->settings[static_cast<std::size_t>(index)];
  if (is_secret(declared)) {
    const auto kept = to_string(secret_reference{secret_keeper::environment, variable.name, {}, {}});
    given_[declared.name] = {kept, kept, variable.source()};
  } else if (auto shown = declared.read(variable.text))
    given_[declared.name] = {variable.text, std::move(*shown), variable.source()};
  else
    variable.refuse(in_quotes(variable.text) + " is not allowed here", declared.expected(variable.text),
                    nearest(variable.text, declared.words));
  return true;
}

void code_part::read_secrets(const surroundings& around, diagnostics& found) {
  for (const auto& one : used_->settings) {
    if (!is_secret(one))
      continue;
    if (const auto given = given_.find(one.name); given != given_.end()) {
      const auto kept = parse_secret_reference(given->second.text).value(); // as it was tried when it was given
      if (auto read = read_here(kept, given->second.source, around, found))
        secrets_[one.name] = std::move(*read);
    } else if (one.of_secret == declared_setting::need::required) {
      const auto variable = variable_prefix(code_->name) + variable_prefix(one.name);
      add_mistake(found, said_by(*code_, one.where), {}, "the secret " + in_quotes(one.name) + " is missing",
                  variable.substr(0, variable.size() - 1) + " in the environment, or in the topology env:NAME or file:/PATH "
                    + "at services." + code_->name + ".settings." + one.name);
    }
  }
}

std::vector<std::string> code_part::variables() const {
  std::vector<std::string> result;
  for (const auto& one : used_->settings) {
    result.push_back(variable_prefix(one.name));
    result.back().pop_back();
  }
  return result;
}

std::vector<code_actor> code_part::actors() const {
  std::vector<code_actor> result;
  if (code_ == nullptr)
    return result;
  std::string calls;
  for (const auto& call : uses().calls)
    calls += (calls.empty() ? ", calls " : ", ") + call.name;
  for (const auto& one : code_->serves)
    result.push_back({one.contract->full_name(), "contract" + calls});
  for (std::size_t i = 0; i != code_->timers.size(); ++i)
    result.push_back(
      {"timer" + (i == 0 ? std::string{} : '-' + std::to_string(i + 1)), "timer, " + times_of(code_->timers[i]) + calls});
  for (const auto& one : code_->checks)
    result.push_back({"health-" + one.name, "health check"});
  return result;
}

} // namespace troupe::host
