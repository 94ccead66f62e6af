#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/settings_part.hpp>
#include <troupe/deploy/host/topology/topology_scalar.hpp>
#include <troupe/deploy/host/topology/topology_schema.hpp>

namespace troupe::host {

/// A setting as `check` prints it.
struct setting_line {
  std::string key;
  std::string value;
  setting_source source;
  std::string allowed;
  std::string standard; ///< empty: it has its default
  std::string_view reason;
};

/// The values that a setting of type `T` may have.
template <class T, class Rule>
std::string allowed_values(const Rule& rule) {
  if constexpr (settings::may_be_left_out<T>) {
    return allowed_values<typename T::value_type>(rule) + ", or none";
  } else if constexpr (requires(T list) { list.push_back(list.front()); } && !std::is_same_v<T, std::string>) {
    return "a list, each " + allowed_values<typename T::value_type>(rule);
  } else {
    auto range = rule.expected();
    return range.empty() ? expectation<T>(rule) : range;
  }
}

/// The names of services, as a list is written.
std::string names_of(const std::vector<called_service>& services);

/// Collects the defaults of a struct in the order of its description: a visitor.
class default_values {
public:
  template <class Part>
  static std::vector<std::string> of(const Part& standard) {
    default_values all;
    describe(all, standard);
    return std::move(all.values_);
  }

  template <class T, class Rule>
  void value(std::string_view /*key*/, const T& one, const Rule& rule, std::string_view /*reason*/ = {}) {
    values_.push_back(settings::print(rule, one));
  }

  template <class Rule>
  void names(std::string_view /*key*/, const std::vector<called_service>& all, const Rule& /*rule*/,
             std::string_view /*reason*/ = {}) {
    values_.push_back(names_of(all));
  }

  template <class Part>
  void section(std::string_view /*key*/, const Part& part) {
    describe(*this, part);
  }

  // These have the defaults of their own type.
  void section_of(const owned_part<service_part>& /*part*/) noexcept {}
  void added(const owned_part<added_settings>& /*part*/) noexcept {}
  template <class Part>
  void list(std::string_view /*key*/, const std::vector<Part>& /*parts*/) {}

private:
  std::vector<std::string> values_;
};

/// One like it in which every setting has its default.
template <class Part>
Part standard_of(const Part& /*like*/) {
  return Part{};
}

inline consumer_topology standard_of(const consumer_topology& like) {
  consumer_topology result;
  result.forms = like.forms;
  result.as = like.forms.front();
  return result;
}

/// Lists the settings of a struct that keeps their sources: a visitor.
class setting_lister {
public:
  template <class Part>
  static void list_settings(std::string prefix, const Part& part, std::vector<setting_line>& lines) {
    setting_lister all{std::move(prefix), part, default_values::of(standard_of(part)), lines};
    describe(all, part);
  }

  template <class T, class Rule>
  void value(std::string_view key, const T& one, const Rule& rule, std::string_view reason = {}) {
    add(key, settings::print(rule, one), owner_.source(one), allowed_values<T>(rule), reason);
  }

  template <class Rule>
  void names(std::string_view key, const std::vector<called_service>& all, const Rule& rule, std::string_view reason = {}) {
    add(key, names_of(all), all.empty() ? setting_source{} : all.front().source,
        allowed_values<std::vector<std::string>>(rule), reason);
  }

  template <class Part>
  void section(std::string_view key, const Part& part) {
    auto outer = std::exchange(prefix_, prefix_ + std::string{key} + '.');
    describe(*this, part);
    prefix_ = std::move(outer);
  }

  void section_of(const owned_part<service_part>& part);
  void added(const owned_part<added_settings>& part);

  /// Of a part, which calls it: a setting that no struct describes. `line.key` is within its section.
  void line(setting_line line) {
    line.key.insert(0, prefix_);
    lines_.push_back(std::move(line));
  }

  /// Of a part, which calls it.
  template <class Part>
  void list_part(const Part& part) {
    list_settings(prefix_, part, lines_);
  }

  template <class Part>
  void list(std::string_view key, const std::vector<Part>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i)
      list_settings(prefix_ + std::string{key} + '[' + std::to_string(i) + "].", parts[i], lines_);
  }

private:
  setting_lister(std::string prefix, const sourced& owner, std::vector<std::string> defaults,
                 std::vector<setting_line>& lines)
    : prefix_(std::move(prefix)), owner_(owner), defaults_(std::move(defaults)), lines_(lines) {}

  void add(std::string_view key, std::string value, const setting_source& source, std::string allowed,
           std::string_view reason);

  std::string prefix_;
  const sourced& owner_;
  std::vector<std::string> defaults_;
  std::size_t next_ = 0;
  std::vector<setting_line>& lines_;
};

} // namespace troupe::host
