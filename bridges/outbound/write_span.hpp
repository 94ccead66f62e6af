#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/messages/values/document.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::outbound {

/// The span of a write, by OpenTelemetry's conventions for databases; none where nobody's trace is recorded. It stands below
/// the first on whose behalf the store writes, and is related to each.
inline std::optional<span> write_span(const observer_ptr& watcher, std::string_view system, const write_documents& write,
                                      std::string_view service) {
  if (write.traces.empty() || write.documents.empty())
    return std::nullopt;
  if (service == "bridges")
    service = {};
  const auto& first = write.documents.front();
  std::optional<span> work{std::in_place,        watcher, "insert " + first.collection, span_kind::client,
                           write.traces.front(), service};
  if (write.traces.size() > 1)
    for (const auto& each : write.traces)
      work->link(each);
  work->with("db.system.name", std::string{system})
    .with("db.operation.name", std::string{"insert"})
    .with("db.namespace", first.database)
    .with("db.collection.name", first.collection)
    .with("db.operation.batch.size", write.documents.size());
  return work;
}

/// What became of it.
inline void end_write(std::optional<span>& work, const failure& why) {
  if (work && why.code != errc::none)
    work->fail(why);
  work.reset();
}

inline void end_write(std::optional<span>& work, const written& done) {
  if (!work)
    return;
  for (const auto& each : done.each)
    if (each.outcome == write_outcome::refused) {
      work->fail({each.why.code, "the store refused a document"}); // its words may quote the document
      break;
    }
  work.reset();
}

} // namespace troupe::outbound
