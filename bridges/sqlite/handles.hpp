#pragma once

#include <memory>
#include <utility>

#include <sqlite3.h>
#include <unistd.h>

#include <troupe/bridges/handles/c_ptr.hpp>

namespace troupe::sqlite {

/// Owns a connection. `sqlite3_close_v2` waits for statements that are still open instead of failing.
using connection_handle = c_ptr<sqlite3, sqlite3_close_v2>;

/// Owns a prepared statement.
using statement_handle = c_ptr<sqlite3_stmt, sqlite3_finalize>;

/// Owns a copy that is being made.
using backup_handle = c_ptr<sqlite3_backup, sqlite3_backup_finish>;

/// Owns memory that SQLite allocated, such as the text of an error.
using text_handle = c_ptr<char, sqlite3_free>;

/// Owns a file descriptor.
class file_handle {
public:
  file_handle() = default;
  explicit file_handle(int descriptor) noexcept : descriptor_(descriptor) {}
  file_handle(file_handle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  file_handle& operator=(file_handle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~file_handle() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

private:
  int descriptor_ = -1;
};

} // namespace troupe::sqlite
