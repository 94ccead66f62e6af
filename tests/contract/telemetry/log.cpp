#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define CAF_SUITE telemetry_log
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/descriptor_sink.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>

#include "exposition.hpp"
#include "surroundings.hpp"

namespace {

using namespace std::chrono_literals;
using namespace troupe::telemetry_test;
using troupe::severity;
using troupe::speaker;
using troupe::telemetry::descriptor_sink;
using troupe::telemetry::log_form;
using troupe::telemetry::log_level;

constexpr speaker greeter{"service-a", "greeter"};

double counted(fixture& it, std::string_view name, const labels& where = {}) {
  return parse_exposition(it.subject->metrics_text()).at(name, where);
}

/// Lines that stay within the memory of a repetition: each from an actor of its own.
void fail_often(fixture& it, const std::string& actor, int times) {
  for (auto i = 0; i < times; ++i)
    it.subject->log(severity::error, {"service-a", actor}, "failed " + std::to_string(i));
}

/// A pipe whose ends close with it.
class pipe_ends {
public:
  pipe_ends() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
  }
  ~pipe_ends() {
    close_reader();
    close_writer();
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;

  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() { close(ends_[0]); }
  void close_writer() { close(ends_[1]); }

private:
  static void close(int& end) {
    if (end >= 0)
      ::close(std::exchange(end, -1));
  }

  std::array<int, 2> ends_{-1, -1};
};

/// A file that takes a number of bytes, as a full disk would.
class file_of_bounded_size {
public:
  explicit file_of_bounded_size(rlim_t bytes) : file_(std::tmpfile()) {
    if (file_ == nullptr || ::getrlimit(RLIMIT_FSIZE, &before_) != 0)
      throw std::runtime_error("no temporary file");
    limit({bytes, before_.rlim_max});
  }
  ~file_of_bounded_size() {
    limit(before_);
    std::fclose(file_);
  }
  file_of_bounded_size(const file_of_bounded_size&) = delete;
  file_of_bounded_size& operator=(const file_of_bounded_size&) = delete;

  [[nodiscard]] int descriptor() const { return ::fileno(file_); }
  void unbounded() { limit(before_); }

  std::vector<std::string> lines() {
    std::vector<std::string> result;
    std::string line;
    std::rewind(file_);
    for (auto c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      if (c != '\n')
        line += static_cast<char>(c);
      else
        result.push_back(std::exchange(line, {}));
    }
    return result;
  }

private:
  static void limit(const rlimit& to) {
    if (::setrlimit(RLIMIT_FSIZE, &to) != 0)
      throw std::runtime_error("no limit");
  }

  std::FILE* file_;
  rlimit before_{};
};

std::string drained(int reader) {
  std::string result;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = ::read(reader, buffer.data(), buffer.size());
    if (got <= 0)
      return result;
    result.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

} // namespace

CAF_TEST(a line is one JSON object with its time and its speaker) {
  fixture it;
  it.start().log(severity::info, greeter, "hello");
  const auto lines = it.lines();
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  const auto line = boost::json::parse(lines[0]);
  CAF_CHECK_EQUAL(line.at("time").as_string(), "2019-04-16T02:23:16.546749266Z");
  CAF_CHECK_EQUAL(line.at("actor").as_string(), "greeter");
  CAF_CHECK_EQUAL(counted(it, "troupe_log_lines_total", {{"level", "info"}}), 1);
}

CAF_TEST(the human form is for people) {
  fixture it;
  it.config.form = log_form::human;
  it.start().log(severity::info, greeter, "100 % of %v");
  CAF_CHECK_EQUAL(it.lines(), std::vector<std::string>{"04:23:16.546 I service-a/greeter  100 % of %v"});
}

CAF_TEST(lines below the level are not written and the level can be changed) {
  fixture it;
  auto& subject = it.start();
  CAF_CHECK(!subject.logs(severity::debug));
  CAF_CHECK(subject.logs(severity::info));
  subject.log(severity::debug, greeter, "1");
  subject.set_level(log_level::debug);
  CAF_CHECK(subject.logs(severity::debug));
  subject.log(severity::debug, greeter, "2");
  subject.set_level(log_level::off);
  subject.log(severity::error, greeter, "3");
  subject.set_level(log_level::error);
  subject.log(severity::warning, greeter, "4");
  subject.log(severity::error, greeter, "5");
  CAF_CHECK_EQUAL(it.messages(), (std::vector<std::string>{"2", "5"}));
}

CAF_TEST(a wrong configuration is refused at the start) {
  fixture it;
  it.config.log_queue_bytes = 0;
  CAF_CHECK_THROWS_AS(it.start(), std::invalid_argument);
}

CAF_TEST(a reader that stalls stops nobody and what is lost is counted and reported) {
  fixture it;
  it.config.log_text_bytes = 256;
  it.config.log_queue_bytes = 4096;
  auto& subject = it.start();
  it.sink->close();
  subject.log(severity::info, greeter, "first");
  it.sink->wait_until_blocked();
  for (auto i = 0; i < 1000; ++i)
    subject.log(severity::info, greeter, "line " + std::to_string(i));
  CAF_CHECK_GREATER(subject.flush(0s), 5u);
  it.sink->open();
  const auto messages = it.messages();
  const auto lost = counted(it, "troupe_log_lines_lost_total", {{"reason", "queue_full"}});
  CAF_CHECK_GREATER(lost, 900);
  CAF_CHECK_EQUAL(static_cast<double>(messages.size()), 1 + (1000 - lost) + 1);
  CAF_CHECK_EQUAL(messages[0], "first");
  CAF_CHECK_EQUAL(messages[1], "line 0");
  CAF_CHECK_EQUAL(messages.back(), "log lines were lost: " + std::to_string(static_cast<int>(lost))
                                     + " because their reader was slower than their writers");
  subject.log(severity::info, greeter, "afterwards");
  CAF_CHECK_EQUAL(it.messages().back(), "afterwards");
}

CAF_TEST(lines that cannot be written are counted and reported when they can be again) {
  fixture it;
  auto& subject = it.start();
  it.sink->fail_on("msg");
  subject.log(severity::info, greeter, "1");
  subject.log(severity::info, greeter, "2");
  CAF_CHECK(it.lines().empty());
  subject.log(severity::info, greeter, "3");
  CAF_CHECK(it.lines().empty());
  CAF_CHECK_EQUAL(counted(it, "troupe_log_lines_lost_total", {{"reason", "not_written"}}), 3);
  it.sink->fail_on({});
  CAF_CHECK_EQUAL(it.messages(), std::vector<std::string>{"log lines were lost: 3 because of an error (the disk is full)"});
  subject.log(severity::info, greeter, "4");
  CAF_CHECK_EQUAL(it.messages().back(), "4");
  CAF_CHECK_EQUAL(counted(it, "troupe_log_lines_lost_total", {{"reason", "not_written"}}), 3);
}

CAF_TEST(an error that repeats itself is written ten times a second and the rest is reported) {
  fixture it;
  it.start();
  fail_often(it, "greeter", 50);
  CAF_CHECK_EQUAL(it.messages().size(), 10u);
  CAF_CHECK_EQUAL(counted(it, "troupe_log_lines_omitted_total"), 40);
  it.clock.advance(1s);
  const auto messages = it.messages();
  CAF_REQUIRE_EQUAL(messages.size(), 11u);
  CAF_CHECK_EQUAL(messages.back(), "repeated 40 more times: failed 49");
  const auto last = boost::json::parse(it.lines().back());
  const auto first = boost::json::parse(it.lines().front());
  for (const auto* member : {"level", "function", "line", "service", "actor"})
    CAF_CHECK(last.at(member) == first.at(member));
  fail_often(it, "greeter", 1);
  CAF_CHECK_EQUAL(it.messages().back(), "failed 0");
}

CAF_TEST(what was left out or lost is reported though nobody says anything more) {
  fixture it;
  it.start();
  fail_often(it, "greeter", 12);
  it.sink->wait_for_lines(10);
  it.clock.advance(1s);
  it.sink->wait_for_lines(11);
  CAF_CHECK_NOT_EQUAL(it.sink->lines().back().find("repeated 2 more times"), std::string::npos);
  it.sink->fail_on("msg");
  it.subject->log(severity::info, greeter, "lost");
  while (counted(it, "troupe_log_lines_lost_total", {{"reason", "not_written"}}) == 0)
    std::this_thread::yield();
  it.sink->fail_on({});
  it.sink->wait_for_lines(12);
  CAF_CHECK_NOT_EQUAL(it.sink->lines().back().find("log lines were lost: 1"), std::string::npos);
}

CAF_TEST(lines that are no errors are never left out) {
  fixture it;
  auto& subject = it.start();
  for (auto i = 0; i < 50; ++i)
    subject.log(severity::warning, greeter, "again");
  CAF_CHECK_EQUAL(it.lines().size(), 50u);
}

CAF_TEST(the end writes what is queued and says what was left out) {
  fixture it;
  it.start();
  it.sink->close();
  fail_often(it, "greeter", 12);
  it.sink->wait_until_blocked();
  it.sink->open();
  it.subject.reset();
  const auto lines = it.sink->lines();
  CAF_REQUIRE_EQUAL(lines.size(), 11u);
  CAF_CHECK_NOT_EQUAL(lines.back().find("repeated 2 more times: failed 11"), std::string::npos);
}

CAF_TEST(the end says what the last lines cost) {
  fixture it;
  it.start();
  it.sink->close();
  it.subject->log(severity::info, greeter, "written");
  it.sink->wait_until_blocked();
  it.subject->log(severity::info, greeter, "lost");
  const std::weak_ptr<troupe::telemetry::telemetry> watched = it.subject;
  auto end = std::async(std::launch::async, [subject = std::move(it.subject)]() mutable { subject.reset(); });
  while (!watched.expired())
    std::this_thread::yield();
  it.sink->fail_on("lost");
  it.sink->open();
  end.get();
  const auto lines = it.sink->lines();
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_NOT_EQUAL(lines[1].find("log lines were lost: 1 because of an error"), std::string::npos);
}

CAF_TEST(the end does not wait for a reader that takes nothing) {
  fixture it;
  it.config.farewell = 0ms;
  it.start().log(severity::info, greeter, "stuck");
  it.sink->close();
  it.subject->log(severity::info, greeter, "stuck");
  it.sink->wait_until_blocked();
  it.subject->log(severity::info, greeter, "behind it");
  it.subject.reset();
  // Whoever was left behind lets go of the sink when it can.
  const std::weak_ptr<captured> watched = it.sink;
  it.sink->open();
  it.sink.reset();
  while (!watched.expired())
    std::this_thread::yield();
}

CAF_TEST(a descriptor gets each line whole) {
  pipe_ends ends;
  {
    const auto subject = troupe::telemetry::make_telemetry({.form = log_form::json},
                                                           {.sink = std::make_shared<descriptor_sink>(ends.writer())});
    for (auto i = 0; i < 100; ++i)
      subject->log(severity::info, greeter, std::to_string(i));
  }
  ends.close_writer();
  const auto text = drained(ends.reader());
  CAF_CHECK_EQUAL(std::count(text.begin(), text.end(), '\n'), 100);
  CAF_CHECK(text.ends_with("}\n"));
}

CAF_TEST(a descriptor that does not block is waited for) {
  pipe_ends ends;
  CAF_REQUIRE(::fcntl(ends.writer(), F_SETFL, O_NONBLOCK) == 0);
  auto reader = std::async(std::launch::async, [&ends] { return drained(ends.reader()); });
  {
    const auto subject = troupe::telemetry::make_telemetry({}, {.sink = std::make_shared<descriptor_sink>(ends.writer())});
    for (auto i = 0; i < 50; ++i)
      subject->log(severity::info, greeter, std::string(10'000, 'x'));
    CAF_CHECK_EQUAL(subject->flush(60s), 0u);
  }
  ends.close_writer();
  const auto text = reader.get();
  CAF_CHECK_EQUAL(std::count(text.begin(), text.end(), '\n'), 50);
}

CAF_TEST(a reader that has gone costs lines and not the process) {
  pipe_ends ends;
  ends.close_reader();
  fixture it;
  it.subject = troupe::telemetry::make_telemetry({}, {.sink = std::make_shared<descriptor_sink>(ends.writer())});
  it.subject->log(severity::info, greeter, "to nobody");
  CAF_CHECK_EQUAL(it.subject->flush(60s), 0u);
  CAF_CHECK_EQUAL(counted(it, "troupe_log_lines_lost_total", {{"reason", "not_written"}}), 1);
}

CAF_TEST(a line after one that was written in part begins a line of its own) {
  file_of_bounded_size file{300};
  const auto subject = troupe::telemetry::make_telemetry({}, {.sink = std::make_shared<descriptor_sink>(file.descriptor())});
  subject->log(severity::info, greeter, std::string(1000, 'x'));
  CAF_CHECK_EQUAL(subject->flush(60s), 0u);
  file.unbounded();
  subject->log(severity::info, greeter, "whole");
  CAF_CHECK_EQUAL(subject->flush(60s), 0u);
  const auto lines = file.lines();
  CAF_REQUIRE_GREATER_OR_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[0].size(), 300u);
  for (std::size_t i = 1; i < lines.size(); ++i)
    CAF_CHECK(boost::json::parse(lines[i]).is_object());
}

CAF_TEST(a full disk costs lines and not the process) {
  const auto full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  CAF_REQUIRE(full >= 0);
  {
    fixture it;
    it.subject = troupe::telemetry::make_telemetry({}, {.sink = std::make_shared<descriptor_sink>(full)});
    it.subject->log(severity::info, greeter, "to nowhere");
    CAF_CHECK_EQUAL(it.subject->flush(60s), 0u);
    CAF_CHECK_EQUAL(counted(it, "troupe_log_lines_lost_total", {{"reason", "not_written"}}), 1);
  }
  ::close(full);
}
