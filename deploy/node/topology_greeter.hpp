#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/deploy/node/topology_sources.hpp>
#include <troupe/deploy/node/topology_text.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/policies/deadline_split.hpp>

// What a topology says of greetings: a service's greeter, and how a consumer stores greetings.

namespace troupe {

constexpr auto words_of(document_form) {
  return settings::words<document_form>({{"http", document_form::http}, {"grpc", document_form::grpc}});
}

} // namespace troupe

namespace troupe::node {

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

/// What a consumer stores of a delivery.
enum class stored_form : std::uint8_t {
  greeting, ///< the greeting that the payload is; anything else is a dead letter
  text,     ///< the payload as it is
};

constexpr auto words_of(stored_form) {
  return settings::words<stored_form>({{"greeting", stored_form::greeting}, {"text", stored_form::text}});
}

/// A service that is called, with the position of its name.
struct called_service {
  std::string name;
  setting_source source;
};

struct greeter_topology : sourced {
  position where;
  std::optional<std::string> name; ///< none: the service's own
  std::string greeting;
  hostname_shown hostname = hostname_shown::no;
  document_form form = document_form::http; ///< of its documents and of the order of its answers
  std::vector<called_service> calls;        ///< in the order of the answer
  std::optional<std::string> publish;       ///< a stream or queue
  std::optional<collection_name> store;
  kept_greeting keep = kept_greeting::own;
  duration deadline = std::chrono::seconds{5};
  policies::deadline_split_config split;
};

template <class Visitor, settings::self_of<greeter_topology> Self>
void describe(Visitor& v, Self& greeter) {
  using settings::anything;
  v.value("name", greeter.name, settings::short_text);
  v.value("greeting", greeter.greeting, settings::short_text);
  v.value("tell-hostname", greeter.hostname, anything{}, "the platforms before 2021 do not");
  v.value("form", greeter.form, anything{}, "as the two families of reference platforms do");
  v.names("calls", greeter.calls, service_name, "they are asked in parallel; the order of the answer stays");
  v.value("publish", greeter.publish, channel_name);
  v.value("store", greeter.store, anything{});
  v.value("keep", greeter.keep, anything{}, "the gRPC platform of 2021 keeps the caller's");
  v.value("deadline", greeter.deadline, settings::any_wait, "what the reference platforms meant to apply");
  v.value("keep-back", greeter.split.kept_share, settings::a_share,
          "a late downstream then costs its part of the answer, never the whole; three hops leave 3.6 s of 5 s");
  v.value("keep-back-least", greeter.split.kept_at_least, settings::any_wait_or_none,
          "scheduling, encoding and one round trip in a busy cluster");
}

} // namespace troupe::node
