#pragma once

#include <array>
#include <filesystem>

#include <sys/types.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// The device and inode of each file that a database has open. When one of them is deleted or replaced, SQLite goes on
/// writing into files that will never be opened again. Any thread.
class file_identity {
public:
  /// Of a file with its log and the log's index, all of which are open.
  static expected<file_identity> of(const std::filesystem::path& file);

  /// Fails with `storage_failed`, naming the file and the remedy, while a name refers to another file or to none, or the
  /// file is empty. Succeeds again when the files are put back.
  [[nodiscard]] expected<void> verify() const;

private:
  struct entry {
    std::filesystem::path path;
    dev_t device = 0;
    ino_t number = 0;
  };

  std::array<entry, 3> files_; ///< the file itself first
};

} // namespace troupe::sqlite
