#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include <troupe/bridges/http/engine/asio.hpp>
#include <troupe/bridges/http/engine/dispatch.hpp>
#include <troupe/bridges/http/framing.hpp>
#include <troupe/bridges/http/render.hpp>

namespace troupe::http {

class event_hub;
class loop;
struct shared_state;

/// One client. A coroutine takes its requests one after the other; it waits in a single place, `wake`, for whatever comes
/// first: bytes, the client's end, an answer, a change of an event source, or its time running out. A read is always under
/// way, also while an answer is awaited, so that a client that leaves with an error is noticed; one that ended its half in
/// order is answered. For the I/O thread alone.
class connection {
public:
  /// One for `operators` is reserved: it takes one request, and refuses what is not for them.
  connection(loop& owner, tcp_socket socket, std::uint32_t slot, audience role);

  /// Serves until either side ends. The connection outlives the task.
  task<void> serve();

  /// Lets the task look at what changed. The last thing its caller does with the connection.
  void signal();

  /// The time of `due` has passed.
  void expire();

  /// Closes whatever is under way.
  void abort();

  /// Closes what cannot be written, and counts it.
  void cut_off();

  /// Closes when nothing is under way; returns whether it did.
  bool give_way();

  /// Takes an answer if it is the one that is awaited.
  bool take_answer(std::uint64_t serial, response&& answer);

  [[nodiscard]] audience role() const noexcept { return role_; }

  /// When its time has passed and it must be woken.
  [[nodiscard]] instant due() const noexcept { return due_; }

private:
  enum class phase : std::uint8_t { idle, header, body, answering, writing, streaming, lingering, closing };
  enum class arrival : std::uint8_t { request, nothing_more };

  task<void> wake();
  task<arrival> next_request();
  task<void> answer_request();
  task<void> await_work(const deferred_handler& asked);
  task<void> await_rendering(const rendering& costly);
  task<void> await_answer(instant answer_by);
  task<void> stream(const event_source& source);
  task<void> flush();
  task<void> finish();

  void wait_until(phase next, instant at);
  void await_input();
  void read_some();
  void await_breaking();
  bool write_some();
  void forget_output();
  decision decide();
  instant ask(const deferred_handler& asked);
  void fail(const std::string& reason);
  void refuse(refusal why, std::string detail);
  void render(persistence wish);
  void render_stream_head();
  std::string_view further_lines();
  void close_socket();
  [[nodiscard]] bool writable() const noexcept { return !broken_ && !aborted_; }
  [[nodiscard]] bool ended() const noexcept { return client_ended_ || !writable(); }

  loop& loop_;
  shared_state& shared_;
  tcp_socket socket_;
  const std::uint32_t slot_;
  const audience role_;

  std::optional<asio::async_result<asio::use_awaitable_t<io_executor>, void()>::handler_type> waiter_;
  phase phase_ = phase::closing; // of nothing yet
  instant due_ = instant::max();
  bool reading_ = false;
  bool client_ended_ = false;
  bool broken_ = false;
  bool aborted_ = false;
  bool expired_ = false;
  bool continue_sent_ = false;

  read_buffer input_;
  request_reader reader_;
  std::string path_;
  std::string output_;
  std::size_t written_ = 0;
  std::size_t pipelined_ = 0;
  std::string lines_;

  instant received_;
  std::uint64_t awaited_ = 0; // the serial of the answer that is awaited; 0: none
  std::optional<response> answer_;
  std::stop_source client_left_{std::nostopstate}; // of the request that is under way
  std::size_t route_ = 0;
  persistence persistence_ = persistence::keep_alive;
};

} // namespace troupe::http
