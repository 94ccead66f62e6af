#include <troupe/bridges/store/document_rows.hpp>

#include <limits>
#include <string_view>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace troupe::store {

namespace {

written_document refused(std::string why) {
  return {write_outcome::refused, {errc::rejected, std::move(why)}};
}

} // namespace

written_document judge(const document& source, const config& limits) {
  if (source.id.empty())
    return refused("a document needs an id");
  if (source.database.empty() || source.collection.empty())
    return refused("a document needs a database and a collection");
  if (source.body.size() > limits.largest_document)
    return refused("the body is larger than " + std::to_string(limits.largest_document) + " bytes");
  boost::json::monotonic_resource memory;
  boost::system::error_code problem;
  boost::json::parse_options options;
  options.max_depth = limits.deepest_document;
  const auto body = boost::json::parse(source.body, problem, &memory, options);
  if (problem == boost::json::error::too_deep)
    return refused("the body is nested deeper than " + std::to_string(limits.deepest_document) + " levels");
  if (problem)
    return refused("the body is not JSON: " + problem.message());
  if (!body.is_object())
    return refused("the body is not a JSON object");
  return {};
}

expected<std::vector<write_outcome>> insert(sqlite::connection& on, const std::vector<document>& documents, timestamp now) {
  auto into = on.prepare("INSERT INTO documents (database, collection, id, body, written_at) VALUES (?, ?, ?, ?, ?) "
                         "ON CONFLICT (database, collection, id) DO NOTHING");
  if (into.has_error())
    return into.error();
  std::vector<write_outcome> outcomes;
  outcomes.reserve(documents.size());
  for (const auto& each : documents) {
    if (auto done = into->run(std::string_view{each.database}, std::string_view{each.collection}, std::string_view{each.id},
                              std::string_view{each.body}, now.time_since_epoch().count());
        done.has_error())
      return done.error();
    outcomes.push_back(on.changes() == 0 ? write_outcome::duplicate : write_outcome::stored);
  }
  return outcomes;
}

expected<sqlite::removal> remove_expired(sqlite::connection& on, const config& limits, timestamp now) {
  if (!limits.age && !limits.bytes)
    return sqlite::removal{};
  std::int64_t surplus = 0;
  if (limits.bytes) {
    const auto held = on.number("SELECT bytes FROM document_bytes", 0);
    if (held.has_error())
      return held.error();
    surplus = *held - *limits.bytes;
  }
  const auto too_old =
    limits.age ? (now - *limits.age).time_since_epoch().count() : std::numeric_limits<std::int64_t>::min();
  std::int64_t last = 0; // documents are numbered in the order they were written in
  const auto use = [&](const sqlite::row& each) {
    if (each.integer(1) >= too_old && surplus <= 0)
      return sqlite::reading::enough;
    surplus -= each.integer(2);
    last = each.integer(0);
    return sqlite::reading::on;
  };
  auto read = on.each("SELECT sequence, written_at, length(CAST(body AS BLOB)) + length(CAST(id AS BLOB)) "
                      "FROM documents ORDER BY sequence LIMIT ?",
                      use, limits.step);
  if (read.has_error())
    return read.error();
  if (last == 0)
    return sqlite::removal{};
  if (auto gone = on.run("DELETE FROM documents WHERE sequence <= ?", last); gone.has_error())
    return gone.error();
  const std::int64_t count = on.changes();
  return sqlite::removal{count, count >= limits.step};
}

} // namespace troupe::store
