#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include <spdlog/sinks/base_sink.h>

#include <troupe/bridges/telemetry/telemetry.hpp>

namespace troupe::telemetry_test {

/// Keeps the lines, without their newlines; can be made to fail, or to take nothing for a while.
class captured final : public spdlog::sinks::base_sink<std::mutex> {
public:
  std::vector<std::string> lines() {
    const std::lock_guard guard{mutex_};
    return lines_;
  }

  /// Waits until there are so many.
  void wait_for_lines(std::size_t count) {
    std::unique_lock lock{mutex_};
    more_.wait(lock, [&] { return lines_.size() >= count; });
  }

  /// Lines with that word fail; without a word, none.
  void fail_on(std::string word) {
    const std::lock_guard guard{gate_};
    unwritable_ = std::move(word);
  }

  /// From now on every line waits for `open`.
  void close() {
    const std::lock_guard guard{gate_};
    closed_ = true;
  }

  void open() {
    const std::lock_guard guard{gate_};
    closed_ = false;
    changed_.notify_all();
  }

  /// Waits until a line waits.
  void wait_until_blocked() {
    std::unique_lock lock{gate_};
    changed_.wait(lock, [this] { return waiting_; });
  }

private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    {
      std::unique_lock lock{gate_};
      waiting_ = closed_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !closed_; });
      waiting_ = false;
      const std::string_view text{message.payload.data(), message.payload.size()};
      if (!unwritable_.empty() && text.find("\"" + unwritable_ + "\"") != std::string_view::npos)
        throw std::runtime_error("the disk is full");
    }
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string line{formatted.data(), formatted.size()};
    if (!line.ends_with('\n'))
      throw std::runtime_error("a line without its newline");
    line.pop_back();
    lines_.push_back(std::move(line));
    more_.notify_all();
  }

  void flush_() override {}

  std::vector<std::string> lines_;
  std::condition_variable more_;
  std::mutex gate_;
  std::condition_variable changed_;
  std::string unwritable_;
  bool closed_ = false;
  bool waiting_ = false;
};

/// A monotonic clock that stands still unless a test moves it. Any thread.
class stopped_clock {
public:
  void advance(duration by) { ticks_ += by.count(); }
  [[nodiscard]] instant now() const { return instant{duration{ticks_.load()}}; }

private:
  std::atomic<duration::rep> ticks_{1};
};

/// Telemetry with its surroundings in hand: 2019-04-16T02:23:16.546749266Z, for ever.
struct fixture {
  telemetry::telemetry_config config{.version = "1.2.3", .commit = "abc", .compiler = "GNU 12"};
  std::shared_ptr<captured> sink = std::make_shared<captured>();
  stopped_clock clock;
  std::shared_ptr<telemetry::telemetry> subject;

  telemetry::telemetry& start() {
    subject =
      telemetry::make_telemetry(config, {.sink = sink,
                                         .now = [] { return timestamp{std::chrono::nanoseconds{1555381396546749266}}; },
                                         .monotonic = [this] { return clock.now(); },
                                         .zone = [](timestamp) { return std::chrono::hours{2}; }});
    return *subject;
  }

  std::vector<std::string> lines() {
    if (subject->flush(std::chrono::seconds{60}) != 0)
      throw std::runtime_error("lines were not written within a minute");
    return sink->lines();
  }

  /// The member `msg` of each line.
  std::vector<std::string> messages() {
    std::vector<std::string> result;
    for (const auto& line : lines())
      result.emplace_back(boost::json::parse(line).at("msg").as_string());
    return result;
  }
};

} // namespace troupe::telemetry_test
