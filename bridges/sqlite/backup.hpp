#pragma once

#include <cstdint>
#include <filesystem>

#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// What to do where the name of a backup is taken.
enum class name_taken : std::uint8_t { refuse, replace };

/// Copies the data of a folder, as it is at one moment, into a separate file, whether a process has the folder or not; one
/// that writes meanwhile goes on writing. The file is written as `TO.partial`, and renamed when it is whole and synced; an
/// interrupted backup leaves `TO.partial`, which the next one overwrites. Returns the size in bytes.
///
/// Fails as `open_beside` does, with `conflict` where the name is taken, or is one of the data's own, and with
/// `storage_failed` where it cannot be written.
expected<std::uintmax_t> back_up(const std::filesystem::path& folder, const std::filesystem::path& to, name_taken how);

} // namespace troupe::sqlite
