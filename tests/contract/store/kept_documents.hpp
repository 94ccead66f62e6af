#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/values/document.hpp>

namespace troupe::contract {

/// The number of documents that a file holds in a collection.
inline std::int64_t kept_count(sqlite::database& in, const std::string& database, const std::string& collection) {
  expected<std::int64_t> counted{0};
  in.read_and_wait([&](sqlite::connection& on) -> expected<void> {
      counted = on.number("SELECT count(*) FROM documents WHERE database = ? AND collection = ?", 0,
                          std::string_view{database}, std::string_view{collection});
      return {};
    })
    .value();
  return counted.value();
}

/// The document with that id, if a file holds it.
inline std::optional<document> kept_document(sqlite::database& in, const std::string& database,
                                             const std::string& collection, const std::string& id) {
  std::optional<document> found;
  in.read_and_wait([&](sqlite::connection& on) {
      return on.each(
        "SELECT body FROM documents WHERE database = ? AND collection = ? AND id = ?",
        [&](const sqlite::row& each) {
          found = document{database, collection, id, std::string{each.text(0)}};
        },
        std::string_view{database}, std::string_view{collection}, std::string_view{id});
    })
    .value();
  return found;
}

} // namespace troupe::contract
