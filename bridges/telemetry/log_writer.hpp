#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/time.hpp>

namespace spdlog::sinks {
class sink;
}

namespace troupe::telemetry {

/// A finished line, without its newline.
struct log_line {
  severity level = severity::info;
  std::string text;
};

/// Makes the lines that nobody logged. Called on the writer's thread, with its lock held.
class commentary {
public:
  enum class occasion : std::uint8_t { regular, last };

  virtual ~commentary() = default;
  /// Lines to be written now; on the last occasion, everything there is.
  virtual std::vector<log_line> remarks(occasion when) = 0;
  /// Whether there will be a remark later, though nobody logs anything.
  virtual bool has_more() = 0;
  /// A warning with the given text.
  virtual log_line warning(std::string_view text) = 0;
};

/// What the writer counts.
struct log_counters {
  std::array<counter*, 5> written; ///< by severity
  counter& queue_full;
  counter& not_written;
};

/// Carries lines to a sink on its own thread.
///
/// Why not write in the caller's thread: a reader of stdout that stalls would stop every actor that says something. Why not
/// spdlog's asynchronous logger: it either drops lines without telling how many, or blocks. Here a line costs its caller one
/// short lock; the queue is bounded by its bytes; what finds it full is counted, and as soon as the reader takes lines
/// again, one of them says how many were lost. Lines that the sink refuses (EPIPE, ENOSPC) are treated alike. What is lost
/// without a word is what stands in the queue when the process is killed: usually nothing, because the thread writes each
/// line as it comes.
class log_writer {
public:
  /// The commentary and the counters outlive the writer. `farewell` bounds the destructor.
  log_writer(std::shared_ptr<spdlog::sinks::sink> sink, std::size_t queue_bytes, duration farewell, log_counters counters,
             commentary& comments);
  /// Writes what is queued. A sink that is still busy after `farewell` is left alone with the lines it has.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// Any thread; never waits for the sink.
  void write(log_line line);

  /// Announces that the commentary will have something to say. Any thread.
  void remind();

  /// Waits until everything said before is written, at most so long. Returns how many lines are not. Any thread.
  std::uint64_t flush(duration at_most);

private:
  struct shared_state;

  duration farewell_;
  std::shared_ptr<shared_state> state_; // shared with the thread, which may have to be left behind
  std::thread thread_;
};

} // namespace troupe::telemetry
