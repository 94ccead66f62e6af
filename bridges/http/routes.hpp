#pragma once

#include <troupe/bridges/http/edge.hpp>

namespace troupe::http {

/// A greeting route: asks the greeter.
deferred_handler greeting_handler(const greeting_terms& terms, const edge_ports& ports);

/// 200 when it passes, else 503, with the checks.
handler health_handler(std::function<health_report()> look);

/// Replies the code that the path names.
response answer_status(const request& incoming);

/// Dumps the request as it arrived. What identifies the user of a page is masked when a page of another origin asks, because
/// such a page may read the answer but not the cookie.
response answer_echo(const request& incoming);

} // namespace troupe::http
