#include <troupe/bridges/sqlite/schema.hpp>

#include <array>
#include <string>

#include <troupe/bridges/sqlite/errors.hpp>

namespace troupe::sqlite {

namespace {

// The position of a message is the id of its partition and its offset in one integer, so that the messages of a partition
// are neighbours in the file and need no second index. A queue has one partition, which step 3 gave its name. Times are
// nanoseconds since 1970.
constexpr const char* step_1 = R"(
CREATE TABLE process (incarnation INTEGER NOT NULL);
INSERT INTO process VALUES (0);

CREATE TABLE lanes (
  lane INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('stream', 'queue')),
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source, partition));

CREATE TABLE messages (
  position INTEGER PRIMARY KEY,
  published_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  key BLOB,
  content_type TEXT NOT NULL,
  headers BLOB NOT NULL,
  trace BLOB NOT NULL,
  payload BLOB NOT NULL);

CREATE TABLE group_offsets (
  consumer_group TEXT NOT NULL,
  lane INTEGER NOT NULL,
  committed INTEGER NOT NULL,
  handed_out INTEGER NOT NULL,
  suspect_until INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, lane)) WITHOUT ROWID;

CREATE TABLE recorded_attempts (
  consumer_group TEXT NOT NULL,
  lane INTEGER NOT NULL,
  message_offset INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, lane, message_offset)) WITHOUT ROWID;

CREATE TABLE settled_ahead (
  consumer_group TEXT NOT NULL,
  lane INTEGER NOT NULL,
  message_offset INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, lane, message_offset)) WITHOUT ROWID;

CREATE TABLE dead_letters (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  partition INTEGER NOT NULL,
  message_offset INTEGER NOT NULL,
  consumer_group TEXT NOT NULL,
  service TEXT NOT NULL,
  error TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_failure INTEGER NOT NULL,
  last_failure INTEGER NOT NULL,
  id TEXT NOT NULL,
  key BLOB,
  content_type TEXT NOT NULL,
  headers BLOB NOT NULL,
  trace BLOB NOT NULL,
  payload BLOB NOT NULL);
CREATE INDEX dead_letters_by_source ON dead_letters (source, number);

CREATE TABLE documents (
  sequence INTEGER PRIMARY KEY,
  database TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  UNIQUE (database, collection, id));

CREATE VIEW source_messages AS
  SELECT source, kind, partition, position & ((1 << 43) - 1) AS message_offset, published_at, id, key, content_type, payload
  FROM messages JOIN lanes ON lane = position >> 43;
)";

// The total size of the documents, for retention by size: kept by the file itself, so that it stays true for every program
// that adds and removes them.
constexpr const char* step_2 = R"(
CREATE TABLE document_bytes (bytes INTEGER NOT NULL);
INSERT INTO document_bytes SELECT ifnull(sum(length(CAST(body AS BLOB)) + length(CAST(id AS BLOB))), 0) FROM documents;
CREATE TRIGGER document_added AFTER INSERT ON documents BEGIN
  UPDATE document_bytes SET bytes = bytes + length(CAST(new.body AS BLOB)) + length(CAST(new.id AS BLOB));
END;
CREATE TRIGGER document_removed AFTER DELETE ON documents BEGIN
  UPDATE document_bytes SET bytes = bytes - length(CAST(old.body AS BLOB)) - length(CAST(old.id AS BLOB));
END;
)";

// The view of messages is rewritten by SQLite itself.
constexpr const char* step_3 = R"(
ALTER TABLE lanes RENAME TO partitions;
ALTER TABLE partitions RENAME COLUMN lane TO partition_id;
ALTER TABLE group_offsets RENAME COLUMN lane TO partition_id;
ALTER TABLE recorded_attempts RENAME COLUMN lane TO partition_id;
ALTER TABLE settled_ahead RENAME COLUMN lane TO partition_id;
)";

constexpr std::array steps{step_1, step_2, step_3};
constexpr auto supported = static_cast<std::int64_t>(steps.size());

expected<void> run_steps(connection& on, std::int64_t from) {
  for (auto version = from; version < supported; ++version)
    if (auto done = on.execute(steps.at(static_cast<std::size_t>(version))); done.has_error())
      return done;
  const auto stamp =
    "PRAGMA application_id=" + std::to_string(application_id) + "; PRAGMA user_version=" + std::to_string(supported) + ";";
  return on.execute(stamp.c_str());
}

expected<void> in_one_transaction(connection& on, std::int64_t from) {
  if (auto begun = on.execute("BEGIN IMMEDIATE"); begun.has_error())
    return begun;
  auto done = run_steps(on, from);
  if (done.has_value())
    done = on.execute("COMMIT");
  if (done.has_error() && on.in_transaction())
    static_cast<void>(on.execute("ROLLBACK")); // the first failure is returned
  return done;
}

} // namespace

std::span<const char* const> schema_steps() noexcept {
  return steps;
}

expected<std::int64_t> check_version(connection& on, const std::filesystem::path& file) {
  const auto owner = on.number("PRAGMA application_id", 0);
  if (owner.has_error())
    return owner.error();
  const auto tables = on.number("SELECT count(*) FROM sqlite_schema", 0);
  if (tables.has_error())
    return tables.error();
  if (*owner != application_id && (*owner != 0 || *tables != 0))
    return failure{errc::conflict, file.string() + " is a database of another program"};
  const auto version = on.number("PRAGMA user_version", 0);
  if (version.has_value() && *version > supported)
    return failure{errc::newer_schema, file.string() + " has schema version " + std::to_string(*version)
                                         + ", and this program knows versions up to " + std::to_string(supported)
                                         + ": start the newer program that wrote it, or restore a backup made before"};
  return version;
}

expected<void> migrate(connection& on, const std::filesystem::path& file) {
  const auto version = check_version(on, file);
  if (version.has_error())
    return version.error();
  return *version == supported ? expected<void>{} : in_one_transaction(on, *version);
}

expected<connection> open_beside(const std::filesystem::path& folder, access how, needed_schema schema) {
  const auto file = folder / "troupe.sqlite";
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown) && !unknown)
    return failure{errc::not_found, "there is no data in " + folder.string()};
  auto opened = connection::open(file, how);
  if (opened.has_error())
    return opened;
  const auto version = check_version(*opened, file);
  if (version.has_error())
    return about_file(version.error(), file);
  if (*version == 0)
    return failure{errc::not_found, "there is no data in " + file.string()};
  if (schema == needed_schema::present && *version < supported)
    return failure{errc::conflict, file.string() + " has schema version " + std::to_string(*version)
                                     + ", and this command reads version " + std::to_string(supported)
                                     + ": start this version of the program once, which migrates the file"};
  return opened;
}

} // namespace troupe::sqlite
