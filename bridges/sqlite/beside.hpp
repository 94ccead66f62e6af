#pragma once

#include <filesystem>

#include <troupe/bridges/sqlite/connection.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::sqlite {

/// Opens the file of a data folder beside the process that may have the folder, for what is short or only reads. Nothing is
/// made and no schema is changed. Fails with `not_found` where there is no data, with `newer_schema` and `conflict` as
/// `open` does, and with `storage_failed`; each names the folder or the file.
expected<connection> open_beside(const std::filesystem::path& folder, access how);

} // namespace troupe::sqlite
