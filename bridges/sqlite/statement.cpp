#include <troupe/bridges/sqlite/statement.hpp>

#include <utility>

#include <troupe/bridges/sqlite/errors.hpp>

namespace troupe::sqlite {

namespace {

// A null pointer binds NULL, which an empty view may hold.
const char* never_null(std::string_view value) noexcept {
  return value.data() != nullptr ? value.data() : "";
}

} // namespace

std::string_view row::text(int column) const noexcept {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(raw_, column));
  return data == nullptr ? std::string_view{}
                         : std::string_view{data, static_cast<std::size_t>(sqlite3_column_bytes(raw_, column))};
}

statement::statement(sqlite3* connection, sqlite3_stmt* raw, bool& in_use, connection_facts& facts) noexcept
  : connection_(connection), raw_(raw), in_use_(&in_use), facts_(&facts) {
  in_use = true;
}

statement::statement(statement&& other) noexcept
  : connection_(other.connection_), raw_(std::exchange(other.raw_, nullptr)), in_use_(other.in_use_), facts_(other.facts_) {}

statement::~statement() {
  if (raw_ == nullptr)
    return;
  sqlite3_reset(raw_);
  sqlite3_clear_bindings(raw_);
  *in_use_ = false;
}

int statement::bind(int index, std::string_view value) noexcept {
  return sqlite3_bind_text64(raw_, index, never_null(value), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int statement::bind(int index, blob value) noexcept {
  return sqlite3_bind_blob64(raw_, index, never_null(value.bytes), value.bytes.size(), SQLITE_STATIC);
}

expected<bool> statement::step() {
  const int code = sqlite3_step(raw_);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  return failed(code);
}

expected<void> statement::finish() {
  for (;;) {
    auto stepped = step();
    if (stepped.has_error())
      return stepped.error();
    if (!*stepped)
      return {};
  }
}

expected<void> statement::checked(int code) const {
  if (code == SQLITE_OK)
    return {};
  return failed(code);
}

failure statement::failed(int code) const {
  facts_->doubted = facts_->doubted || doubts_file(code);
  return to_failure(connection_, code, sqlite3_sql(raw_));
}

} // namespace troupe::sqlite
