#include "raw_sqlite.hpp"

#include "figure.hpp"

namespace troupe::bench {

namespace {

int bind(sqlite3_stmt* to, int place, const raw_database::statement::value& what) noexcept {
  if (const auto* number = std::get_if<std::int64_t>(&what))
    return sqlite3_bind_int64(to, place, *number);
  const auto text = std::get<std::string_view>(what);
  return sqlite3_bind_text(to, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

} // namespace

raw_database::raw_database(const std::filesystem::path& file) {
  sqlite3* raw = nullptr;
  const int code =
    sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  raw_.reset(raw);
  if (code != SQLITE_OK)
    give_up(sqlite3_errmsg(raw));
  execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192");
}

void raw_database::execute(const char* script) {
  if (sqlite3_exec(raw_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK)
    give_up(sqlite3_errmsg(raw_.get()));
}

raw_database::statement raw_database::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(raw_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    give_up(sqlite3_errmsg(raw_.get()));
  return statement{raw};
}

void raw_database::statement::run(std::initializer_list<value> values) {
  int place = 0;
  for (const auto& each : values)
    if (bind(raw_.get(), ++place, each) != SQLITE_OK)
      give_up(sqlite3_errmsg(sqlite3_db_handle(raw_.get())));
  if (sqlite3_step(raw_.get()) != SQLITE_DONE)
    give_up(sqlite3_errmsg(sqlite3_db_handle(raw_.get())));
  sqlite3_reset(raw_.get());
}

} // namespace troupe::bench
