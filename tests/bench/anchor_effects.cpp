#include "anchor_effects.hpp"

#include <chrono>

namespace troupe::bench {

namespace {

// The same columns and keys as the program's, so that a row costs the same.
constexpr const char* schema = R"(
CREATE TABLE documents (
  sequence INTEGER PRIMARY KEY,
  database TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  UNIQUE (database, collection, id));
CREATE TABLE messages (
  position INTEGER PRIMARY KEY,
  published_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  content_type TEXT NOT NULL,
  payload BLOB NOT NULL);
)";

raw_database prepared(const std::filesystem::path& file) {
  raw_database database{file};
  database.execute(schema);
  return database;
}

std::int64_t nanoseconds_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace

anchor_effects::anchor_effects(const std::filesystem::path& file, listener after_commit)
  : database_(prepared(file)),
    begin_(database_.prepare("BEGIN IMMEDIATE")),
    commit_(database_.prepare("COMMIT")),
    insert_document_(database_.prepare("INSERT INTO documents (database, collection, id, body, written_at) "
                                       "VALUES (?, ?, ?, ?, ?) ON CONFLICT (database, collection, id) DO NOTHING")),
    insert_message_(
      database_.prepare("INSERT INTO messages (position, published_at, id, content_type, payload) VALUES (?, ?, ?, ?, ?)")),
    delete_message_(database_.prepare("DELETE FROM messages WHERE position = ?")),
    after_commit_(std::move(after_commit)),
    thread_([this] { work(); }) {}

anchor_effects::~anchor_effects() {
  {
    const std::lock_guard lock{guard_};
    closed_ = true;
  }
  filled_.notify_one();
  thread_.join();
}

void anchor_effects::submit(request_effects what, committed done) {
  {
    const std::lock_guard lock{guard_};
    waiting_.push_back({std::move(what), std::move(done)});
  }
  filled_.notify_one();
}

bool anchor_effects::next(group& into) {
  into.consumed.clear();
  into.requests.clear();
  into.consumed.swap(to_consume_);
  std::unique_lock lock{guard_};
  filled_.wait(lock, [&] { return closed_ || !waiting_.empty() || !into.consumed.empty(); });
  into.requests.swap(waiting_);
  return !into.requests.empty() || !into.consumed.empty();
}

void anchor_effects::work() {
  for (group all; next(all);) {
    begin_.run();
    write(all);
    commit_.run();
    std::vector<committed> done;
    done.reserve(all.requests.size());
    for (auto& each : all.requests)
      done.push_back(std::move(each.done));
    after_commit_(std::move(done));
  }
}

void anchor_effects::write(group& all) {
  const auto now = nanoseconds_now();
  for (const auto& [position, what] : all.consumed) {
    store("service-f", what, now);
    delete_message_.run({position});
  }
  static constexpr std::array<std::string_view, 3> services{"service-c", "service-g", "service-h"};
  for (auto& each : all.requests) {
    for (std::size_t i = 0; i < services.size(); ++i)
      store(services[i], each.what.stored[i], now);
    auto& message = each.what.queued;
    insert_message_.run({++last_position_, now, message.id, "application/json", message.body});
    to_consume_.push_back({last_position_, std::move(message)});
  }
}

void anchor_effects::store(std::string_view service, const written_greeting& what, std::int64_t now) {
  insert_document_.run({service, "greetings", what.id, what.body, now});
}

} // namespace troupe::bench
