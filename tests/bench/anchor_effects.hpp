#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "raw_sqlite.hpp"

namespace troupe::bench {

/// A greeting as it is written: the id, and the JSON with it.
struct written_greeting {
  std::string id;
  std::string body;
};

/// The effects of one request on the platform of 2019.
struct request_effects {
  std::array<written_greeting, 3> stored; ///< by services c, g and h
  written_greeting queued;                ///< by service d; later stored by service f, and then gone from the queue
};

/// Does the platform's writes with raw SQLite, grouped as ours are: one thread, and one transaction for all that waits.
class anchor_effects {
public:
  /// Called after a commit with everything that became durable with it, at once, on the writing thread.
  using committed = std::function<void()>;
  using listener = std::function<void(std::vector<committed>)>;

  anchor_effects(const std::filesystem::path& file, listener after_commit);
  anchor_effects(const anchor_effects&) = delete;
  anchor_effects& operator=(const anchor_effects&) = delete;
  /// Finishes what waits, then joins.
  ~anchor_effects();

  /// Any thread. `done` is passed on when the three documents and the queued message are durable.
  void submit(request_effects what, committed done);

private:
  struct request {
    request_effects what;
    committed done;
  };
  struct queued {
    std::int64_t position;
    written_greeting what;
  };
  struct group {
    std::vector<request> requests;
    std::vector<queued> consumed;
  };

  void work();
  bool next(group& into);
  void write(group& all);
  void store(std::string_view service, const written_greeting& what, std::int64_t now);

  raw_database database_;
  raw_database::statement begin_;
  raw_database::statement commit_;
  raw_database::statement insert_document_;
  raw_database::statement insert_message_;
  raw_database::statement delete_message_;
  listener after_commit_;
  std::int64_t last_position_ = 0;
  std::vector<queued> to_consume_; // durable in the queue; the next group stores them
  std::mutex guard_;
  std::condition_variable filled_;
  std::vector<request> waiting_; // below guard_, as is closed_
  bool closed_ = false;
  std::thread thread_; // last: it uses everything above
};

} // namespace troupe::bench
