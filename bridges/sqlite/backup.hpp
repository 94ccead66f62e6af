#pragma once

#include <cstdint>
#include <filesystem>

#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// What is done where the name of a backup is taken.
enum class name_taken : std::uint8_t { refuse, replace };

/// Copies the data of a folder, as it is at one moment, into a separate file, whether a process has the folder or not; one
/// that writes meanwhile goes on writing. The file is written beside its name, as `TO.partial`, and gets the name when it is
/// whole and on the disk; what an interrupted one left there is overwritten by the next. Returns its bytes.
///
/// Fails as `open_beside` does, with `conflict` where the name is taken, or is one of the data's own, and with
/// `storage_failed` where it cannot be written.
expected<std::uintmax_t> back_up(const std::filesystem::path& folder, const std::filesystem::path& to, name_taken how);

} // namespace troupe::sqlite
