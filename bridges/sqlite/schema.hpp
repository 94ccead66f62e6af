#pragma once

#include <cstdint>
#include <span>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// The application id in the header of our files: "trpe".
inline constexpr std::int64_t application_id = 0x74727065;

/// The bits of `messages.position` that hold the offset; the partition id stands above them.
inline constexpr int offset_bits = 43;

/// The steps from an empty file to the present schema; step n makes version n. Append only: a released step is never
/// changed. The tables of every bridge that shares the file stand here, because a file has one version.
std::span<const char* const> schema_steps() noexcept;

/// Returns the schema version of a file, 0 for an empty one. Fails with `newer_schema` for a version above that of
/// `schema_steps`, and with `conflict` for a database of another program.
expected<std::int64_t> check_version(connection& on, const std::filesystem::path& file);

/// Brings the file to the version of `schema_steps`, in one transaction. Fails as `check_version` does; the file is then
/// unchanged.
expected<void> migrate(connection& on, const std::filesystem::path& file);

/// The schema that a caller of `open_beside` reads.
enum class needed_schema : std::uint8_t { any, present };

/// Opens the file of a data folder while another process may have it open, for a short transaction or for reading. Creates
/// nothing and migrates nothing. Fails with `not_found` where there is no data, as `check_version` does, with `conflict`
/// where the present schema is needed and the file has an earlier one, and with `storage_failed`; each names the folder or
/// the file.
expected<connection> open_beside(const std::filesystem::path& folder, access how, needed_schema schema);

} // namespace troupe::sqlite
