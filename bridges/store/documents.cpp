#include <troupe/bridges/store/documents.hpp>

#include <string_view>

namespace troupe::store {

expected<std::int64_t> count(sqlite::database& in, const std::string& database, const std::string& collection) {
  expected<std::int64_t> counted{0};
  auto read = in.read_and_wait([&](sqlite::connection& on) -> expected<void> {
    counted = on.number("SELECT count(*) FROM documents WHERE database = ? AND collection = ?", 0,
                        std::string_view{database}, std::string_view{collection});
    return counted.has_error() ? expected<void>{counted.error()} : expected<void>{};
  });
  return read.has_error() ? expected<std::int64_t>{read.error()} : counted;
}

expected<std::optional<document>> find(sqlite::database& in, const std::string& database, const std::string& collection,
                                       const std::string& id) {
  std::optional<document> found;
  auto read = in.read_and_wait([&](sqlite::connection& on) {
    return on.each(
      "SELECT body FROM documents WHERE database = ? AND collection = ? AND id = ?",
      [&](const sqlite::row& each) {
        found = document{database, collection, id, std::string{each.text(0)}};
      },
      std::string_view{database}, std::string_view{collection}, std::string_view{id});
  });
  return read.has_error() ? expected<std::optional<document>>{read.error()} : found;
}

} // namespace troupe::store
