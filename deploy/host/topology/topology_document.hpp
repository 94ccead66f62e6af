#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/messages/settings/text.hpp>

namespace troupe::host {

struct yaml_member;

enum class yaml_kind : std::uint8_t { null, scalar, sequence, map };

/// As a message names them.
constexpr auto words_of(yaml_kind) {
  return settings::words<yaml_kind>({{"nothing", yaml_kind::null},
                                     {"a value", yaml_kind::scalar},
                                     {"a list", yaml_kind::sequence},
                                     {"a map", yaml_kind::map}});
}

/// A YAML value with its position. Immutable and shared: an alias is the very node it names.
struct yaml_node {
  yaml_kind kind = yaml_kind::null;
  position where;
  std::string text;                                    ///< of a scalar
  std::vector<std::shared_ptr<const yaml_node>> items; ///< of a sequence
  std::vector<yaml_member> members;                    ///< of a map, in the file's order; keys are distinct
  std::size_t size = 1;                                ///< values below and including this one, aliases written out
  std::size_t depth = 1;                               ///< levels of nesting, this one included
};

using yaml_pointer = std::shared_ptr<const yaml_node>;

struct yaml_member {
  std::string key;
  position where; ///< of the key
  yaml_pointer value;
};

/// What a topology file may be at most. Ten times what a platform of a hundred services needs, and small enough that no file
/// can make the program slow or large.
struct yaml_limits {
  std::size_t bytes = std::size_t{1} << 20U;
  std::size_t depth = 32;
  std::size_t values = 20'000; ///< with aliases written out
};

/// Reads the one YAML document of a file. Adds to `found` everything that makes it unreadable (not UTF-8 text, a syntax
/// error, a limit passed, an alias inside what it names) and every duplicate key; null when it is unreadable. Never throws
/// for any bytes, and takes time and memory in proportion to their number.
yaml_pointer read_yaml(const std::string& file, std::string_view text, diagnostics& found, const yaml_limits& limits = {});

} // namespace troupe::host
