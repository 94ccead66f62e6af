#pragma once

#include <filesystem>

#include <troupe/bridges/sqlite/handles.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// The right of one process to a data folder, held as an advisory lock on `troupe.lock` inside it. The operating system
/// releases it when the process ends, however it ends.
class folder_lock {
public:
  /// Creates the folder if it is missing. Fails with `locked`, naming the folder and the process that holds it.
  static expected<folder_lock> take(const std::filesystem::path& folder);

private:
  explicit folder_lock(file_handle file) noexcept : file_(std::move(file)) {}

  file_handle file_;
};

} // namespace troupe::sqlite
