#include <chrono>
#include <csignal>
#include <exception>
#include <utility>

#include <pthread.h>

#include <spdlog/common.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>

#include <troupe/bridges/telemetry/log_writer.hpp>

namespace troupe::telemetry {

namespace {

using batch = std::vector<log_line>;

// How long losses and omissions wait to be reported when nobody logs anything.
constexpr auto remark_interval = std::chrono::seconds{1};

std::size_t cost(const log_line& line) noexcept {
  return sizeof(log_line) + line.text.size();
}

spdlog::level::level_enum level_of(severity level) noexcept {
  static_assert(static_cast<int>(severity::trace) == SPDLOG_LEVEL_TRACE
                && static_cast<int>(severity::error) == SPDLOG_LEVEL_ERROR);
  return static_cast<spdlog::level::level_enum>(level);
}

// What became of a batch.
struct outcome {
  std::array<std::uint64_t, 5> written{};
  std::uint64_t failed = 0;
  bool last_failed = false;
  std::string error;
};

// Lines that were lost since the last one that said so.
struct losses {
  std::uint64_t queue_full = 0;
  std::uint64_t not_written = 0;

  [[nodiscard]] bool any() const noexcept { return queue_full + not_written > 0; }
};

std::string describe(const losses& lost, const std::string& error) {
  std::string text = "log lines were lost: ";
  if (lost.queue_full > 0)
    text += std::to_string(lost.queue_full) + " because their reader was slower than their writers";
  if (lost.queue_full > 0 && lost.not_written > 0)
    text += ", ";
  if (lost.not_written > 0)
    text += std::to_string(lost.not_written) + " because of an error (" + error + ")";
  return text;
}

} // namespace

struct log_writer::shared_state {
  std::shared_ptr<spdlog::sinks::sink> sink;
  const std::size_t queue_bytes;
  const log_counters counters;
  commentary& comments;

  std::mutex mutex; // guards what follows
  std::condition_variable work;
  std::condition_variable progress;
  batch queue;
  std::size_t bytes = 0;
  std::uint64_t in_flight = 0; // lines that the sink has
  bool in_sink = false;        // then, and only then, the thread may be left behind
  bool reminded = false;
  bool stopping = false;
  bool left_behind = false;
  bool finished = false;
  std::uint64_t flushes_wanted = 0;
  std::uint64_t flushes_done = 0;
  losses unreported;
  std::string last_error;

  shared_state(std::shared_ptr<spdlog::sinks::sink> into, std::size_t most_bytes, log_counters count, commentary& remarks)
    : sink(std::move(into)), queue_bytes(most_bytes), counters(count), comments(remarks) {}

  void run() noexcept; // out of memory here ends the process, as anywhere
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  outcome deliver(const batch& lines) const;
  void account(const outcome& result, const losses& lost);
};

void log_writer::shared_state::run() noexcept {
  // Signals are for other threads; SIGPIPE becomes the error EPIPE.
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  std::unique_lock lock{mutex};
  while (!finished) {
    wait_for_work(lock);
    const auto last = stopping;
    const auto flushing = flushes_wanted;
    auto lines = std::exchange(queue, {});
    bytes = 0;
    for (auto& remark : comments.remarks(last ? commentary::occasion::last : commentary::occasion::regular))
      lines.push_back(std::move(remark));
    reminded = comments.has_more();
    const auto reported = unreported;
    if (reported.any())
      lines.push_back(comments.warning(describe(reported, last_error)));
    in_flight = lines.size();
    in_sink = true;
    progress.notify_all();
    lock.unlock();
    const auto result = deliver(lines);
    lock.lock();
    // Nothing but this state outlives the writer.
    if (left_behind)
      return;
    in_sink = false;
    in_flight = 0;
    account(result, reported);
    flushes_done = flushing;
    // What the last lines cost is reported in another round.
    finished = last && (reported.any() || !unreported.any());
    progress.notify_all();
  }
}

void log_writer::shared_state::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto called = [this] { return !queue.empty() || stopping || flushes_wanted != flushes_done; };
  work.wait(lock, [&] { return called() || reminded || unreported.any(); });
  if (!called())
    work.wait_for(lock, remark_interval, called);
}

outcome log_writer::shared_state::deliver(const batch& lines) const {
  outcome result;
  for (const auto& line : lines) {
    try {
      sink->log({spdlog::source_loc{}, "", level_of(line.level), line.text});
      ++result.written[static_cast<std::size_t>(line.level)];
      result.last_failed = false;
    } catch (const std::exception& error) {
      ++result.failed;
      result.last_failed = true;
      result.error = error.what();
    }
  }
  try {
    sink->flush();
  } catch (const std::exception& error) {
    // How much of what a sink has buffered is lost cannot be known: it is reported as one line.
    ++result.failed;
    result.error = error.what();
  }
  return result;
}

void log_writer::shared_state::account(const outcome& result, const losses& lost) {
  for (std::size_t i = 0; i < result.written.size(); ++i)
    if (result.written[i] > 0)
      counters.written[i]->add(static_cast<double>(result.written[i]));
  auto failed = result.failed;
  if (lost.any() && result.last_failed) {
    --failed; // the line that reported losses: it is made again
  } else if (lost.any()) {
    unreported.queue_full -= lost.queue_full;
    unreported.not_written -= lost.not_written;
  }
  if (failed > 0) {
    counters.not_written.add(static_cast<double>(failed));
    unreported.not_written += failed;
  }
  if (!result.error.empty())
    last_error = result.error;
}

log_writer::log_writer(std::shared_ptr<spdlog::sinks::sink> sink, std::size_t queue_bytes, duration farewell,
                       log_counters counters, commentary& comments)
  : farewell_(farewell), state_(std::make_shared<shared_state>(std::move(sink), queue_bytes, counters, comments)) {
  state_->sink->set_pattern("%v");
  thread_ = std::thread{[state = state_] { state->run(); }};
}

log_writer::~log_writer() {
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  state_->work.notify_one();
  if (!state_->progress.wait_for(lock, farewell_, [this] { return state_->finished; }))
    state_->progress.wait(lock, [this] { return state_->finished || state_->in_sink; });
  const auto left_behind = !state_->finished;
  state_->left_behind = left_behind;
  lock.unlock();
  if (left_behind)
    thread_.detach();
  else
    thread_.join();
}

void log_writer::write(log_line line) {
  const std::lock_guard guard{state_->mutex};
  if (state_->bytes + cost(line) > state_->queue_bytes) {
    ++state_->unreported.queue_full;
    state_->counters.queue_full.add();
    return;
  }
  state_->bytes += cost(line);
  state_->queue.push_back(std::move(line));
  if (state_->queue.size() == 1)
    state_->work.notify_one();
}

void log_writer::remind() {
  const std::lock_guard guard{state_->mutex};
  if (!std::exchange(state_->reminded, true))
    state_->work.notify_one();
}

std::uint64_t log_writer::flush(duration at_most) {
  std::unique_lock lock{state_->mutex};
  const auto mine = ++state_->flushes_wanted;
  state_->work.notify_one();
  if (state_->progress.wait_for(lock, at_most, [&] { return state_->flushes_done >= mine; }))
    return 0;
  return state_->queue.size() + state_->in_flight;
}

} // namespace troupe::telemetry
