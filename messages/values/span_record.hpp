#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// What happens inside a span, for exporters of spans.
enum class span_kind : std::uint8_t { internal, server, client, producer, consumer };

/// The kind's name, as it stands in JSON.
std::string_view to_string(span_kind kind) noexcept;

using attribute_value = std::variant<std::string, std::int64_t, bool>;

/// How much of a text a span keeps, in bytes: ids, paths and reasons come from peers, who may send any length.
inline constexpr std::size_t longest_attribute = 1024;

/// The text, or its beginning where it is longer than that.
std::string bounded_attribute(std::string text);

/// Something that is said of a span. Names are those of OpenTelemetry's semantic conventions
/// (https://opentelemetry.io/docs/specs/semconv/), and `troupe.` for what these do not know.
struct span_attribute {
  std::string_view name; ///< lives as long as the program
  attribute_value value;
};

template <class T>
attribute_value to_attribute(T&& value) {
  using plain = std::remove_cvref_t<T>;
  if constexpr (std::same_as<plain, bool>)
    return value;
  else if constexpr (std::integral<plain>)
    return static_cast<std::int64_t>(value);
  else
    return bounded_attribute(std::string{std::forward<T>(value)});
}

/// A span elsewhere.
struct span_link {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
};

/// Links of one span; OpenTelemetry's limit.
inline constexpr std::size_t most_links = 128;

/// A span that has ended.
struct span_record {
  std::string name;
  span_kind kind = span_kind::internal;
  std::string service; ///< that did the work; empty: the process
  trace_context context;
  timestamp began;
  duration took{};
  failure outcome{errc::none, {}}; ///< `errc::none`: success
  std::vector<span_attribute> attributes;
  std::vector<span_link> links;

  /// About how much memory it takes, in bytes.
  [[nodiscard]] std::size_t size() const noexcept;
};

using span_record_ptr = std::shared_ptr<const span_record>;

/// Where spans go that have ended. Any thread.
class span_sink {
public:
  virtual ~span_sink() = default;

  /// Whether the spans of one more trace have room. Where they have not, all of them are left out until the trace goes on
  /// elsewhere, so that those which are taken have no gaps.
  [[nodiscard]] virtual bool has_room() const noexcept { return true; }

  /// Takes a span, or drops it where it has no room, and counts that. Never waits.
  virtual void take(const span_record_ptr& ended) noexcept = 0;
};

} // namespace troupe
