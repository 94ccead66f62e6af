#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace troupe::sqlite {

/// What a process does with a database in WAL mode while it holds a lock on the index of the log (`-shm`).
enum class access_kind : std::uint8_t { reading, writing };

/// The processes that `text`, which is in the form of /proc/locks, shows with the index of this inode. Pure.
std::set<pid_t> holders_in(std::string_view text, ino_t index, access_kind kind);

/// The other processes that read the database, or write into it, at present: "process 17" or "processes 17, 18"; empty where
/// this process sees none.
std::string others_at(const std::filesystem::path& file, access_kind kind);

} // namespace troupe::sqlite
