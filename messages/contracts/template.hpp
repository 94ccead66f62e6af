#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>

namespace troupe::contracts {

/// One segment of a path template.
struct path_segment {
  enum class form : std::uint8_t {
    literal, ///< the text itself
    one,     ///< `*`: one segment that is not empty
    rest,    ///< `**`: any number of segments, also none
  };

  form is = form::literal;
  std::string text; ///< of a literal, percent-decoded

  friend bool operator==(const path_segment&, const path_segment&) = default;
};

/// A variable of a path template: the field that takes the text of some segments.
struct path_variable {
  std::string field_path; ///< `book.name`
  std::size_t first = 0;  ///< into the template's segments
  std::size_t count = 1;

  friend bool operator==(const path_variable&, const path_variable&) = default;
};

/// A path template (google/api/http.proto, "Path template syntax"):
///
///     Template = "/" Segments [ Verb ] ;
///     Segments = Segment { "/" Segment } ;
///     Segment  = "*" | "**" | LITERAL | Variable ;
///     Variable = "{" FieldPath [ "=" Segments ] "}" ;
///     FieldPath = IDENT { "." IDENT } ;
///     Verb     = ":" LITERAL ;
struct path_template {
  std::vector<path_segment> segments;
  std::vector<path_variable> variables; ///< in the order of the text
  std::string verb;                     ///< of `/v1/messages:send`: `send`; empty: none

  /// Whether a variable may capture several segments: only its `%2F` stays as it is.
  [[nodiscard]] bool takes_several(const path_variable& variable) const;

  /// The variable that captures a segment; null: none does.
  [[nodiscard]] const path_variable* variable_at(std::size_t segment) const noexcept;

  /// The template without its variables: `/v1/*/**:verb`. Templates of one shape match the same paths.
  [[nodiscard]] std::string shape() const;

  friend bool operator==(const path_template&, const path_template&) = default;
};

/// Fails with `invalid` and the place for a text that is no template: also for a `**` that is not the last segment, a
/// variable within another one, and characters that a path must percent-encode (RFC 3986, section 3.3).
expected<path_template> parse_template(std::string_view text);

} // namespace troupe::contracts
