#pragma once

// What the settings of a small platform come to, by its variables and options.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/deploy/host/topology/topology_validation.hpp>
#include <troupe/deploy/reference/greeter_part.hpp>

#include "reading.hpp"

namespace troupe_test {

using lines = std::vector<std::string>;

/// Two greeters, one of which publishes, and two services that talk over streams.
inline constexpr auto small_platform = "services:\n"
                                       "  service-a: {greeter: {greeting: Hello, publish: orders}}\n"
                                       "  service-b: {greeter: {greeting: Hi}, consumers: [{from: orders}]}\n"
                                       "  demo-a: {producers: [{to: foo}], consumers: [{from: bar, group: g}]}\n"
                                       "  demo-b: {producers: [{to: bar}], consumers: [{from: foo, group: g}]}\n"
                                       "streams: {foo: {partitions: 5}, bar: }\n"
                                       "queues: {orders: }\n"
                                       "node: {log-level: debug}\n";

inline reading all(variables given, const troupe::host::process_options& options = {}) {
  return configured(small_platform, options, std::move(given));
}

inline reading one(const std::string& service, variables given, troupe::host::process_options options = {}) {
  options.services = {service};
  return configured(small_platform, options, std::move(given));
}

inline const troupe::host::service_topology& service(const reading& result, const std::string& name) {
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  return *troupe::host::find_service(result.got->settings, name);
}

inline bool notes(const reading& result, const std::string& text) {
  CAF_REQUIRE_EQUAL(result.mistakes, lines{});
  return std::ranges::find(result.got->notes, text) != result.got->notes.end();
}

} // namespace troupe_test
