#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <troupe/bridges/sqlite/database.hpp>

#include "../temporary_folder.hpp"

namespace troupe::contract {

/// A file of its own for tests of what is written into it.
struct open_file {
  open_file() {
    sqlite::options settings;
    settings.folder = folder.path();
    database = *sqlite::open(std::move(settings));
  }

  /// Runs a write and hands out its result.
  template <class Fn>
  auto write(Fn body) const {
    using result = std::invoke_result_t<Fn&, sqlite::connection&>;
    std::optional<result> out;
    static_cast<void>(database->write_and_wait([&](sqlite::connection& on) -> expected<void> {
      out = body(on);
      return out->has_error() ? expected<void>{out->error()} : expected<void>{};
    }));
    return std::move(*out);
  }

  temporary_folder folder;
  sqlite::database_ptr database;
};

} // namespace troupe::contract
