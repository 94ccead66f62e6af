#include <troupe/bridges/outbound/write_spans.hpp>

#include <algorithm>
#include <string>

namespace troupe::outbound {

write_spans::write_spans(const observer_ptr& watcher, std::string_view system, const write_documents& write,
                         std::string_view service) {
  if (write.traces.empty() || write.documents.empty())
    return;
  if (service == "bridges")
    service = {};
  const auto& first = write.documents.front();
  const auto name = "insert " + first.collection;
  const auto count = std::min(write.traces.size(), most_links);
  each_.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    each_.emplace_back(watcher, name, span_kind::client, write.traces[i], service)
      .with("db.system.name", std::string{system})
      .with("db.operation.name", std::string{"insert"})
      .with("db.namespace", first.database)
      .with("db.collection.name", first.collection)
      .with("db.operation.batch.size", write.documents.size());
}

void write_spans::end(const failure& why) {
  if (why.code != errc::none)
    for (auto& each : each_)
      each.fail(why);
  each_.clear();
}

void write_spans::end(const written& done) {
  const auto refused = std::find_if(done.each.begin(), done.each.end(),
                                    [](const auto& each) { return each.outcome == write_outcome::refused; });
  // The store's own words may quote the document.
  end(refused == done.each.end() ? failure{errc::none, {}} : failure{refused->why.code, "the store refused a document"});
}

} // namespace troupe::outbound
