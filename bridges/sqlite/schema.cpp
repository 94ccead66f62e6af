#include <troupe/bridges/sqlite/schema.hpp>

#include <array>
#include <string>

namespace troupe::sqlite {

namespace {

// A lane is a partition of a stream, or a queue. The position of a message is its lane and its offset in one integer, so
// that a lane's messages are neighbours in the file and need no second index. Times are nanoseconds since 1970.
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

constexpr std::array steps{step_1, step_2};

expected<void> run_steps(connection& on, std::int64_t from) {
  for (auto version = from; version < static_cast<std::int64_t>(steps.size()); ++version)
    if (auto done = on.execute(steps.at(static_cast<std::size_t>(version))); done.has_error())
      return done;
  const auto stamp = "PRAGMA application_id=" + std::to_string(application_id)
                     + "; PRAGMA user_version=" + std::to_string(steps.size()) + ";";
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

failure newer(const std::filesystem::path& file, std::int64_t version) {
  return {errc::newer_schema, file.string() + " has schema version " + std::to_string(version)
                                + ", and this program knows versions up to " + std::to_string(steps.size())};
}

expected<void> migrate(connection& on, const std::filesystem::path& file) {
  const auto owner = on.number("PRAGMA application_id", 0);
  if (owner.has_error())
    return owner.error();
  const auto tables = on.number("SELECT count(*) FROM sqlite_schema", 0);
  if (tables.has_error())
    return tables.error();
  if (*owner != application_id && (*owner != 0 || *tables != 0))
    return failure{errc::conflict, file.string() + " is a database of another program"};
  const auto version = on.number("PRAGMA user_version", 0);
  if (version.has_error())
    return version.error();
  const auto supported = static_cast<std::int64_t>(steps.size());
  if (*version > supported)
    return newer(file, *version);
  return *version == supported ? expected<void>{} : in_one_transaction(on, *version);
}

} // namespace troupe::sqlite
