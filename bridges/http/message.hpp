#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <troupe/messages/values/headers.hpp>

namespace troupe::http {

/// A request's method; `other` is every token that no route can want.
enum class method : std::uint8_t { get, head, post, put, patch, remove, options, other };

inline constexpr std::size_t method_count = 8;

/// "GET" and so on; "OTHER" for `other`, so that it may label a metric.
std::string_view to_string(method verb) noexcept;

/// Methods are case-sensitive (RFC 9110, section 9.1).
method method_from_string(std::string_view text) noexcept;

/// The methods of a route. GET includes HEAD.
class method_set {
public:
  constexpr method_set(std::initializer_list<method> methods) {
    for (const auto each : methods)
      bits_ |= bit(each);
    if (contains(method::get))
      bits_ |= bit(method::head);
  }

  [[nodiscard]] constexpr bool contains(method verb) const noexcept { return (bits_ & bit(verb)) != 0; }

private:
  static constexpr unsigned bit(method verb) noexcept { return 1U << static_cast<unsigned>(verb); }

  unsigned bits_ = 0;
};

/// The value of an `Allow` header. OPTIONS is always among them, because every route answers it.
std::string allow_value(method_set methods);

/// A complete request. What it views belongs to its connection and lives until the handler returns.
struct request {
  method verb = method::other;
  std::string_view verb_text;
  std::string_view target;     ///< as it was sent
  unsigned version = 11;       ///< 10 or 11
  std::string_view authority;  ///< from the absolute form, else from the Host header
  std::string_view path;       ///< percent-decoded
  std::string_view query;      ///< as it was sent
  std::string_view parameter;  ///< what stands for the pattern's last segment, when that is a `{name}`
  std::string_view request_id; ///< x-request-id, where it is fit to be repeated; else empty
  std::span<const header_view> headers;
  std::string_view body;

  /// The value of the first header of that name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
};

/// An answer. Length, date, connection and CORS headers are the listener's business.
struct response {
  unsigned status = 200;
  std::string_view content_type; ///< of static duration; empty: no body
  std::string body;
  header_list headers;
  std::string request_id;                    ///< for x-request-id; empty: the request's own is repeated
  std::shared_ptr<const std::string> shared; ///< in place of `body`, where many answers have the same one

  [[nodiscard]] std::string_view content() const noexcept { return shared ? std::string_view{*shared} : body; }
};

namespace media_type {
inline constexpr std::string_view json = "application/json; charset=utf-8";
inline constexpr std::string_view problem = "application/problem+json";
inline constexpr std::string_view text = "text/plain; charset=utf-8";
inline constexpr std::string_view prometheus = "text/plain; version=0.0.4; charset=utf-8";
inline constexpr std::string_view events = "text/event-stream";
} // namespace media_type

/// The standard's reason phrase; "Status" for a code that has none.
std::string_view reason_phrase(unsigned status) noexcept;

} // namespace troupe::http
