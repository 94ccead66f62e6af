#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <sqlite3.h>

namespace troupe::bench {

/// SQLite with nothing around it: a write-ahead log, synced by every commit. One thread. Every failure ends the benchmark.
class raw_database {
public:
  /// Makes the file.
  explicit raw_database(const std::filesystem::path& file);

  /// Runs statements that take no parameters.
  void execute(const char* script);

  class statement;
  statement prepare(const char* sql);

private:
  struct close {
    void operator()(sqlite3* raw) const noexcept { sqlite3_close_v2(raw); }
  };
  std::unique_ptr<sqlite3, close> raw_;
};

/// A prepared statement, run with its parameters in their order. Views live until `run` returns.
class raw_database::statement {
public:
  using value = std::variant<std::int64_t, std::string_view>;

  explicit statement(sqlite3_stmt* raw) noexcept : raw_(raw) {}

  void run(std::initializer_list<value> values = {});

private:
  struct finalize {
    void operator()(sqlite3_stmt* raw) const noexcept { sqlite3_finalize(raw); }
  };
  std::unique_ptr<sqlite3_stmt, finalize> raw_;
};

} // namespace troupe::bench
