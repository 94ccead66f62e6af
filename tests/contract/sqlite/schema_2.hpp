#pragma once

#include <filesystem>

#include <troupe/bridges/sqlite/connection.hpp>

namespace troupe::contract {

/// The schema of version 2, as programs of that version wrote it.
inline constexpr const char* schema_2 = R"(
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
CREATE TABLE document_bytes (bytes INTEGER NOT NULL);
INSERT INTO document_bytes SELECT ifnull(sum(length(CAST(body AS BLOB)) + length(CAST(id AS BLOB))), 0) FROM documents;
CREATE TRIGGER document_added AFTER INSERT ON documents BEGIN
  UPDATE document_bytes SET bytes = bytes + length(CAST(new.body AS BLOB)) + length(CAST(new.id AS BLOB));
END;
CREATE TRIGGER document_removed AFTER DELETE ON documents BEGIN
  UPDATE document_bytes SET bytes = bytes - length(CAST(old.body AS BLOB)) - length(CAST(old.id AS BLOB));
END;

PRAGMA application_id=1953656933;
PRAGMA user_version=2;
)";

/// Creates the data file of a folder with version 2 of the schema and runs `rows` in it.
inline expected<void> make_schema_2(const std::filesystem::path& folder, const char* rows) {
  std::filesystem::create_directories(folder);
  auto on = sqlite::connection::open(folder / "troupe.sqlite", sqlite::access::make);
  if (on.has_error())
    return on.error();
  if (auto made = on->execute(schema_2); made.has_error())
    return made;
  return on->execute(rows);
}

} // namespace troupe::contract
