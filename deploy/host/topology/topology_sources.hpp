#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <troupe/deploy/host/topology/diagnostics.hpp>

namespace troupe::host {

/// Where a setting has its value from.
struct setting_source {
  enum class kind : std::uint8_t { standard, file, environment, flag, code };

  kind from = kind::standard;
  position where;   ///< for `file`
  std::string name; ///< else the variable, the option, or the place in the code: "main.cpp:7: service orders"

  friend bool operator==(const setting_source&, const setting_source&) = default;
};

/// "default", "FILE:LINE:COLUMN", "environment PORT", "flag --http", "code".
std::string to_string(const setting_source& source);

/// Reports a mistake at the source: its position in a file, its variable or its option; a default's at
/// `otherwise`.
void add_mistake(diagnostics& found, const setting_source& source, const position& otherwise, std::string problem,
                 std::string expected = {}, std::string nearest = {});

/// The base of a described struct whose settings have sources. Its members, and those of the structs that are its
/// members, are plain values; a copy takes the sources along.
class sourced {
public:
  /// Of a setting that is a member.
  template <class T>
  [[nodiscard]] const setting_source& source(const T& member) const {
    static const setting_source standard;
    const auto found = sources_.find(offset_of(member));
    return found == sources_.end() ? standard : found->second;
  }

  template <class T>
  [[nodiscard]] bool is_default(const T& member) const {
    return !sources_.contains(offset_of(member));
  }

  template <class T>
  [[nodiscard]] bool is_given_by(setting_source::kind by, const T& member) const {
    return source(member).from == by;
  }

  template <class T>
  void give(T& member, T value, setting_source by) {
    member = std::move(value);
    sources_[offset_of(member)] = std::move(by);
  }

private:
  template <class T>
  [[nodiscard]] std::ptrdiff_t offset_of(const T& member) const {
    return reinterpret_cast<const std::byte*>(std::addressof(member)) - reinterpret_cast<const std::byte*>(this);
  }

  std::map<std::ptrdiff_t, setting_source> sources_; ///< by a member's position within the struct
};

} // namespace troupe::host
