#pragma once

#include <troupe/bridges/http/edge.hpp>

namespace troupe::http {

/// A greeting route: asks the greeter.
deferred_handler greeting_handler(const greeting_terms& terms, const edge_ports& ports);

/// 200 when it passes, else 503, with the checks.
handler health_handler(std::function<health_report()> look);

} // namespace troupe::http
