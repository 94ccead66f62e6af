#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/deploy/host/topology/described_part.hpp>
#include <troupe/deploy/host/topology/topology.hpp>
#include <troupe/deploy/host/topology/topology_text.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/policies/deadline_split.hpp>

// What a topology says of a service that greets.

namespace troupe {

constexpr auto words_of(document_form) {
  return settings::words<document_form>({{"http", document_form::http}, {"grpc", document_form::grpc}});
}

} // namespace troupe

namespace troupe::reference {

using host::collection_name;

/// Whether a greeting names the machine it was made on.
enum class hostname_shown : std::uint8_t { no, yes };

constexpr auto words_of(hostname_shown) {
  return settings::words<hostname_shown>({{"false", hostname_shown::no}, {"true", hostname_shown::yes}});
}

/// Whose greeting a greeter stores.
enum class kept_greeting : std::uint8_t { own, callers };

constexpr auto words_of(kept_greeting) {
  return settings::words<kept_greeting>({{"own", kept_greeting::own}, {"callers", kept_greeting::callers}});
}

/// The section `greeter` of a service.
struct greeter_topology : host::described_part<greeter_topology, host::service_part> {
  std::optional<std::string> name; ///< none: the service's own
  std::string greeting;
  hostname_shown hostname = hostname_shown::no;
  document_form form = document_form::http; ///< of its documents and of the order of its answers
  std::vector<host::called_service> calls;  ///< in the order of the answer
  std::optional<std::string> publish;       ///< a stream or queue
  std::optional<collection_name> store;
  kept_greeting keep = kept_greeting::own;
  duration deadline = std::chrono::seconds{5};
  policies::deadline_split_config split;

  [[nodiscard]] std::string_view key() const noexcept override { return "greeter"; }
  [[nodiscard]] host::service_uses uses() const override;
  [[nodiscard]] std::vector<host::code_actor> actors() const override;
  void derive(const std::string& service) override;
  void validate(host::diagnostics& found) const override;
};

/// The greeter of a service; null: it has none.
const greeter_topology* greeter_of(const host::service_topology& service) noexcept;
greeter_topology* greeter_of(host::service_topology& service) noexcept;

/// The form of a consumer's documents that are greetings, beside `host::text_form_name`.
inline constexpr std::string_view greeting_form_name = "greeting";

template <class Visitor, settings::self_of<greeter_topology> Self>
void describe(Visitor& v, Self& greeter) {
  using settings::anything;
  v.value("name", greeter.name, settings::short_text);
  v.value("greeting", greeter.greeting, settings::short_text);
  v.value("tell-hostname", greeter.hostname, anything{}, "the platforms before 2021 do not");
  v.value("form", greeter.form, anything{}, "as the two families of reference platforms do");
  v.names("calls", greeter.calls, host::service_name, "they are asked in parallel; the order of the answer stays");
  v.value("publish", greeter.publish, host::channel_name);
  v.value("store", greeter.store, anything{});
  v.value("keep", greeter.keep, anything{}, "the gRPC platform of 2021 keeps the caller's");
  v.value("deadline", greeter.deadline, settings::any_wait, "what the reference platforms meant to apply");
  v.value("keep-back", greeter.split.kept_share, settings::a_share,
          "a late downstream then costs its part of the answer, never the whole; three hops leave 3.6 s of 5 s");
  v.value("keep-back-least", greeter.split.kept_at_least, settings::any_wait_or_none,
          "scheduling, encoding and one round trip in a busy cluster");
}

} // namespace troupe::reference
