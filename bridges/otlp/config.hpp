#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/messages/settings/description.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/secret_reading.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::otlp {

/// How a collector is spoken to, by the names of OTEL_EXPORTER_OTLP_PROTOCOL.
enum class protocol : std::uint8_t { grpc, http };

constexpr auto words_of(protocol) {
  return settings::words<protocol>({{"grpc", protocol::grpc}, {"http/protobuf", protocol::http}});
}

/// How requests are compressed, by the names of OTEL_EXPORTER_OTLP_COMPRESSION.
enum class compression : std::uint8_t { none, gzip };

constexpr auto words_of(compression) {
  return settings::words<compression>({{"none", compression::none}, {"gzip", compression::gzip}});
}

/// Whether spans are exported.
enum class exporting : std::uint8_t {
  where_told, ///< where an endpoint is given
  always,     ///< without an endpoint: to the protocol's port of this machine
  never,
};

constexpr auto words_of(exporting) {
  return settings::words<exporting>(
    {{"auto", exporting::where_told}, {"otlp", exporting::always}, {"none", exporting::never}});
}

/// An address of a collector: an URL, without a user, a query or a fragment.
bool is_collector_url(std::string_view text) noexcept;

/// `NAME=VALUE` with a name that is not empty.
bool is_pair(std::string_view text) noexcept;

struct url_or_none {
  [[nodiscard]] static bool allows(const std::string& text) { return text.empty() || is_collector_url(text); }
  [[nodiscard]] static std::string expected() { return "a URL such as http://collector:4318"; }
  [[nodiscard]] static std::optional<std::string> read(std::string_view text) { return settings::text_or_none::read(text); }
  [[nodiscard]] static std::string print(const std::string& text) { return settings::text_or_none::print(text); }
};

inline constexpr settings::spelled a_pair{is_pair, "NAME=VALUE"};

/// Where spans go and how. Names of variables are those of OpenTelemetry's specification
/// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
struct config {
  exporting to = exporting::where_told;
  std::string endpoint;        ///< over HTTP, `/v1/traces` is added to it; empty: none is given
  std::string traces_endpoint; ///< taken as it is, and before the other
  protocol by = protocol::http;
  compression compressed = compression::none; ///< over gRPC alone: opentelemetry-cpp is packaged without it for HTTP
  std::optional<secret_reference> headers;    ///< `NAME=VALUE,...`, percent-encoded; they often hold a token
  std::string authorities;                    ///< a PEM file of those that are trusted; empty: the system's
  duration timeout = std::chrono::seconds{10};
  std::vector<std::string> resource; ///< `NAME=VALUE`, percent-encoded: what every span's resource says too
  std::size_t queue = 2048;
  std::size_t batch = 512;
  duration every = std::chrono::seconds{5};
};

template <class Visitor, settings::self_of<config> Self>
void describe(Visitor& v, Self& to) {
  v.value("export", to.to, settings::anything{}, "nothing leaves the process unless you say where to");
  v.value("endpoint", to.endpoint, url_or_none{});
  v.value("traces-endpoint", to.traces_endpoint, url_or_none{});
  v.value("protocol", to.by, settings::anything{}, "OpenTelemetry's default");
  v.value("compression", to.compressed, settings::anything{}, "OpenTelemetry's default");
  v.value("headers", to.headers, settings::kept_here{}, "they often hold a token, which never stands in a file");
  v.value("authorities", to.authorities, settings::text_or_none{});
  v.value("timeout", to.timeout, settings::any_wait, "OpenTelemetry's default");
  v.value("resource", to.resource, a_pair);
  v.value("queue", to.queue, settings::between<std::size_t>{1, 1'000'000}, "some megabytes; what does not fit is dropped");
  v.value("batch", to.batch, settings::between<std::size_t>{1, 100'000}, "OpenTelemetry's default");
  v.value("every", to.every, settings::any_wait, "OpenTelemetry's default");
}

/// Whether this build can export.
[[nodiscard]] bool can_send() noexcept;

/// Whether spans are to be exported.
[[nodiscard]] bool exports(const config& given) noexcept;

/// Where to; the full URL of the requests over HTTP.
[[nodiscard]] std::string address_of(const config& given);

/// The pairs of `NAME=VALUE,...`, percent-decoded, as OTEL_EXPORTER_OTLP_HEADERS and OTEL_RESOURCE_ATTRIBUTES have them.
/// What is no pair is `invalid`, which quotes nothing of it.
expected<std::vector<std::pair<std::string, std::string>>> pairs_of(std::string_view text);

} // namespace troupe::otlp
