#pragma once

#include <cstdint>
#include <span>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// What SQLite's header of our files says they are: "trpe".
inline constexpr std::int64_t application_id = 0x74727065;

/// The bits of `messages.position` that hold the offset; the lane stands above them.
inline constexpr int offset_bits = 43;

/// The steps from an empty file to today's schema; step n makes version n. Append only: a step that was once released is
/// never changed. The tables of every bridge that shares the file stand here, because a file has one version.
std::span<const char* const> schema_steps() noexcept;

/// Why a file of a version above those is refused.
failure newer(const std::filesystem::path& file, std::int64_t version);

/// Brings the file up to the version that `schema_steps` makes, in one transaction. Fails with `newer_schema` for a file of
/// a newer version and with `conflict` for a database of another program; neither is touched.
expected<void> migrate(connection& on, const std::filesystem::path& file);

} // namespace troupe::sqlite
