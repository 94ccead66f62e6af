#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/greeter.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/store.hpp>
#include <troupe/messages/values/json.hpp>
#include <troupe/policies/deadline_split.hpp>

namespace troupe::actors {

/// A service whose greetings stand in the answer behind this one's.
struct greeter_downstream {
  std::string name; ///< as the topology has it, for `shortfall::service`
  greeter_actor handle;
};

/// Where a greeter stores a greeting.
struct greeter_store_step {
  enum class kept : std::uint8_t {
    own,     ///< its own greeting
    callers, ///< the caller's, as the 2021 gRPC platform does; its own where the caller sent none
  };

  store_actor to;
  std::string database;
  std::string collection;
  document_form form = document_form::http;
  kept keeps = kept::own;
};

struct greeter_config {
  std::string name;    ///< as the topology has it
  std::string service; ///< as in the greeting
  std::string text;
  std::string hostname;                       ///< empty: left out
  std::vector<greeter_downstream> downstream; ///< in the order of the answer
  std::optional<publisher_actor> publish_to;  ///< gets the own greeting as JSON
  document_form form = document_form::http;   ///< of that JSON
  std::optional<greeter_store_step> store;
  policies::deadline_split_config split;
  /// For a call that came without a deadline.
  duration default_deadline = std::chrono::seconds{5};
  wall_clock civil_time = system_now;
};

/// Spawns a greeter: its own greeting, then its downstream greeters in parallel, and its effects beside them.
///
/// Everything it asks for gets a share of the caller's remaining time, so that a late downstream costs its own part of the
/// answer, never the whole. What is missing is listed in `greeting_answer::missing`, in the order of the configuration; an
/// effect counts as missing unless its success was reported. Ids are derived from the call's id: a call that is repeated
/// under its id has its effects once.
greeter_actor spawn_greeter(const spawn_context& context, greeter_config config);

} // namespace troupe::actors
