#include <troupe/bridges/sqlite/beside.hpp>

#include <string>

#include <troupe/bridges/sqlite/schema.hpp>

namespace troupe::sqlite {

expected<connection> open_beside(const std::filesystem::path& folder, access how) {
  const auto file = folder / "troupe.sqlite";
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown) && !unknown)
    return failure{errc::not_found, "there is no data in " + folder.string()};
  auto opened = connection::open(file, how);
  if (opened.has_error())
    return opened;
  const auto owner = opened->number("PRAGMA application_id", 0);
  const auto version = opened->number("PRAGMA user_version", 0);
  if (owner.has_error() || version.has_error()) {
    const auto& why = owner.has_error() ? owner.error() : version.error();
    return failure{why.code, file.string() + ": " + why.reason};
  }
  if (*owner != application_id)
    return failure{errc::conflict, file.string() + " is a database of another program"};
  if (*version > static_cast<std::int64_t>(schema_steps().size()))
    return newer(file, *version);
  return opened;
}

} // namespace troupe::sqlite
