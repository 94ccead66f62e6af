#pragma once

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include <troupe/bridges/http/engine/asio.hpp>
#include <troupe/bridges/http/engine/connection.hpp>
#include <troupe/bridges/http/engine/event_hub.hpp>
#include <troupe/bridges/http/engine/loop_inbox.hpp>
#include <troupe/bridges/http/engine/pipeline_gate.hpp>
#include <troupe/bridges/http/engine/shared.hpp>
#include <troupe/bridges/http/engine/untaken_answers.hpp>

namespace troupe::http {

/// One I/O thread with the connections that live on it. Everything but `start`, `join` and `io` is for that thread alone.
class loop {
public:
  explicit loop(shared_state& shared);
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  [[nodiscard]] asio::io_context& io() noexcept { return io_; }

  void start();

  /// Waits for the thread, which ends when its last connection and its last work have.
  void join();

  /// Serves a connection.
  void adopt(tcp_socket socket);

  /// Closes the idle connections, or all of them; `finish` lets the thread end too.
  void retire();
  void finish();

  /// Descriptors are short: some of those that have idled longest give theirs back.
  void shed();

  /// Hands an answer to the connection that waits for it, if it still does.
  void deliver(ticket whose, response&& answer);

  /// Names the request that the connection in `slot` begins to wait for. Returns the answer that is owed to it unless it is
  /// abandoned.
  pending_answer expect_answer(std::uint32_t slot, std::uint64_t& serial, std::stop_token abandoned);

  /// The `Date` line of this second.
  [[nodiscard]] const std::string& date_line();

  /// Some connection must be woken when this instant has passed.
  void wake_by(instant at);

  [[nodiscard]] event_hub& hub_of(const event_source& source) { return *hubs_.at(&source); }
  [[nodiscard]] shared_state& shared() noexcept { return shared_; }
  [[nodiscard]] pipeline_gate& pipelines() noexcept { return pipelines_; }
  [[nodiscard]] untaken_answers& untaken() noexcept { return untaken_; }

private:
  void run() noexcept;
  [[nodiscard]] audience admit();
  void make_room();
  std::uint32_t free_slot();
  void remove(std::uint32_t slot);
  void arm(instant at);
  void sweep();

  shared_state& shared_;
  asio::io_context io_{1};
  asio::executor_work_guard<io_executor> work_;
  io_timer sweep_timer_;
  instant next_sweep_ = instant::max();
  std::vector<std::unique_ptr<connection>> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::deque<std::uint32_t> reserved_; // the oldest first
  std::uint64_t last_serial_ = 0;
  bool finished_ = false;
  std::unordered_map<const event_source*, std::unique_ptr<event_hub>> hubs_;
  pipeline_gate pipelines_;
  untaken_answers untaken_;
  std::shared_ptr<loop_inbox> inbox_;
  std::string date_line_;
  std::chrono::sys_seconds date_of_line_{};
  std::thread thread_;
};

} // namespace troupe::http
