#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// The span of a request at a listener, named by OpenTelemetry's conventions: METHOD ROUTE. Says neither query nor headers,
/// which may hold secrets.
inline span edge_span(const observer_ptr& watcher, const request& incoming, std::string_view route,
                      const trace_context& caller) {
  span result{watcher, route, span_kind::server, caller};
  if (result.recorded())
    result.rename(std::string{incoming.verb_text} + ' ' + std::string{route})
      .with("http.request.method", std::string{incoming.verb_text})
      .with("http.route", std::string{route})
      .with("url.path", std::string{incoming.path})
      .with("url.scheme", std::string{"http"})
      .with("network.protocol.version", std::string{incoming.version == 10 ? "1.0" : "1.1"});
  return result;
}

/// The answer of a request. Only 5xx is an error of the server.
inline void answered_with(span& of, unsigned status, const failure& why = {errc::none, {}}) {
  of.with("http.response.status_code", status);
  if (status >= 500)
    of.fail(why.code == errc::none ? failure{errc::internal, "answered with " + std::to_string(status)} : why);
}

} // namespace troupe::http
