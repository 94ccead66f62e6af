#include <troupe/bridges/http/engine/connection.hpp>

#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>

#include <troupe/bridges/http/engine/loop.hpp>

namespace troupe::http {

namespace {

constexpr std::size_t most_output_at_once = 64 * kibibyte;
constexpr std::size_t most_output_kept = 4 * kibibyte;

} // namespace

connection::connection(loop& owner, tcp_socket socket, std::uint32_t slot)
  : loop_(owner),
    shared_(owner.shared()),
    socket_(std::move(socket)),
    slot_(slot),
    // What is larger than a header is read piece by piece; the parser sees its limit reached before the buffer is full.
    input_(shared_.options.bounds.header_bytes + 1024),
    reader_(shared_.options.bounds) {
  // A failure of either shows when the connection is used.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

// -- what others call

void connection::signal() {
  if (!waiter_)
    return;
  auto resumed = std::move(*waiter_);
  waiter_.reset();
  std::move(resumed)();
}

void connection::expire() {
  due_ = instant::max();
  expired_ = true;
  // A write that does not end can only be cut off.
  if (phase_ == phase::writing)
    close_socket();
  else
    signal();
}

void connection::abort() {
  aborted_ = true;
  close_socket();
  signal();
}

bool connection::take_answer(std::uint64_t serial, response&& what) {
  if (awaited_ != serial)
    return false;
  awaited_ = 0;
  answer_ = std::move(what);
  signal();
  return true;
}

// -- the task

task<void> connection::serve() {
  try {
    while (co_await next_request() == arrival::request) {
      co_await answer_request();
      if (persistence_ == persistence::close || !writable())
        break;
    }
  } catch (const std::exception& error) {
    broken_ = true;
    shared_.options.watcher->log(severity::error, {"http", shared_.options.name},
                                 std::string{"a connection was given up: "} + error.what());
  }
  // The read that is under way ends with the connection, never after it.
  co_await finish();
}

task<void> connection::turn_away() {
  received_ = steady_now();
  answer_ = problem(refusal::connection_bound, "too many connections", {});
  render(persistence::close);
  co_await finish();
}

task<connection::arrival> connection::next_request() {
  reader_.begin();
  told_to_continue_ = false;
  route_ = shared_.metrics.unmatched();
  while (true) {
    const auto progress = reader_.feed(input_);
    if (progress == request_reader::progress::complete)
      co_return arrival::request;
    if (progress == request_reader::progress::refused) {
      refuse(reader_.why(), reader_.detail());
      co_return arrival::nothing_more;
    }
    if (client_ended_ || !writable())
      co_return arrival::nothing_more;
    if (reader_.wants_continue() && !std::exchange(told_to_continue_, true))
      output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    if (!output_.empty() && !write_some())
      co_await flush();
    await_input();
    if (phase_ == phase::idle && shared_.draining.load(std::memory_order_relaxed))
      co_return arrival::nothing_more;
    read_some();
    co_await wake();
    if (!expired_)
      continue;
    if (phase_ != phase::idle)
      refuse(refusal::slow_request, "the request did not arrive in time");
    co_return arrival::nothing_more;
  }
}

task<void> connection::answer_request() {
  received_ = steady_now();
  auto decided = decide();
  route_ = decided.route;
  if (auto* const events = std::get_if<const event_source*>(&decided.what)) {
    co_await stream(**events);
    co_return;
  }
  if (auto* const deferred = std::get_if<const deferred_handler*>(&decided.what))
    co_await await_answer(**deferred);
  else
    answer_ = std::move(std::get<response>(decided.what));
  if (!answer_)
    co_return;
  render(reader_.wish());
  if (output_.size() < most_output_at_once && ++pipelined_ < shared_.options.bounds.pipelined)
    co_return;
  if (!write_some())
    co_await flush();
}

task<void> connection::await_answer(const deferred_handler& asked) {
  // The answers to earlier requests of a pipeline do not wait for this one.
  if (!output_.empty() && !write_some())
    co_await flush();
  const flight counted{shared_};
  if (!counted.admitted()) {
    shared_.metrics.refused(refusal::in_flight_bound);
    answer_ = problem(refusal::in_flight_bound, "too many requests are under way", reader_.what().request_id);
    co_return;
  }
  wait_until(phase::answering, ask(asked));
  while (awaited_ != 0 && !ended() && !expired_) {
    read_some();
    co_await wake();
  }
  const bool unanswered = std::exchange(awaited_, 0) != 0;
  if (ended()) {
    if (!aborted_)
      shared_.metrics.client_gone();
    client_left_.request_stop();
    answer_.reset();
    broken_ = true;
  } else if (unanswered) {
    answer_ = problem({errc::deadline_exceeded, "no answer came in time"}, reader_.what().request_id);
  }
}

task<void> connection::stream(const event_source& source) {
  auto& hub = loop_.hub_of(source);
  const event_hub::membership member{hub, *this};
  if (!member.joined()) {
    refuse(refusal::stream_bound, "too many subscribers");
    co_return;
  }
  if (hub.sequence() == 0) { // the source threw, and has nothing to tell yet
    answer_ = problem({errc::internal, "the event source of this route failed"}, reader_.what().request_id);
    render(persistence::close);
    co_return;
  }
  render_stream_head();
  std::uint64_t told = 0;
  auto beats = hub.beats();
  while (reader_.what().verb != method::head && !ended() && !shared_.draining.load(std::memory_order_relaxed)) {
    if (told != hub.sequence())
      output_ += hub.latest();
    else if (beats != hub.beats())
      output_ += ": heartbeat\r\n\r\n";
    told = hub.sequence();
    beats = hub.beats();
    if (!output_.empty() && !write_some()) {
      co_await flush();
      if (expired_)
        shared_.metrics.dropped_subscriber();
      continue;
    }
    wait_until(phase::streaming, instant::max());
    input_.consume(input_.unread().size());
    read_some();
    co_await wake();
  }
}

task<void> connection::flush() {
  wait_until(phase::writing, steady_now() + shared_.options.patience.write);
  while (written_ < output_.size() && writable()) {
    error_code error;
    const auto rest = asio::buffer(output_.data() + written_, output_.size() - written_);
    written_ += co_await socket_.async_write_some(rest, asio::redirect_error(use_task, error));
    if (error)
      broken_ = true;
  }
  forget_output();
}

// Closing with bytes unread would make the system discard what was written; so a client gets some time to read the last
// answer and to close (RFC 9112, section 9.6).
task<void> connection::finish() {
  constexpr std::size_t most_discarded = 16 * mebibyte;
  if (!output_.empty() && writable() && !write_some())
    co_await flush();
  if (persistence_ == persistence::close && !ended()) {
    error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    wait_until(phase::lingering, steady_now() + shared_.options.patience.linger);
    std::size_t discarded = 0;
    while (!ended() && !expired_ && discarded < most_discarded) {
      discarded += input_.unread().size();
      input_.consume(input_.unread().size());
      read_some();
      co_await wake();
    }
  }
  wait_until(phase::closing, instant::max());
  close_socket();
  while (reading_)
    co_await wake();
}

// -- its steps

task<void> connection::wake() {
  return asio::async_initiate<const asio::use_awaitable_t<io_executor>, void()>(
    [this](auto&& waiter) { waiter_.emplace(std::forward<decltype(waiter)>(waiter)); }, use_task);
}

void connection::wait_until(phase next, instant at) {
  phase_ = next;
  expired_ = false;
  due_ = at;
  loop_.wake_by(at);
}

// The times of header and body begin once; bytes that trickle in do not extend them.
void connection::await_input() {
  const auto& patience = shared_.options.patience;
  const auto next = reader_.header_complete() ? phase::body : reader_.begun() ? phase::header : phase::idle;
  if (next == phase_)
    return;
  const auto span = next == phase::body ? patience.body : next == phase::header ? patience.header : patience.idle;
  wait_until(next, steady_now() + span);
}

void connection::read_some() {
  if (reading_ || ended() || input_.full())
    return;
  reading_ = true;
  const auto room = input_.prepare();
  socket_.async_read_some(asio::buffer(room.data(), room.size()), [this](error_code error, std::size_t count) {
    reading_ = false;
    if (error == asio::error::eof)
      client_ended_ = true;
    else if (error)
      broken_ = true;
    input_.commit(count);
    signal();
  });
}

// Whether nothing is left to write.
bool connection::write_some() {
  while (written_ < output_.size() && writable()) {
    error_code error;
    written_ += socket_.write_some(asio::buffer(output_.data() + written_, output_.size() - written_), error);
    if (error == asio::error::would_block || error == asio::error::try_again)
      return false;
    if (error)
      broken_ = true;
  }
  forget_output();
  return true;
}

void connection::forget_output() {
  output_.clear();
  if (output_.capacity() > most_output_kept)
    output_.shrink_to_fit();
  written_ = 0;
  pipelined_ = 0;
}

// What the program gave may throw anything. It is called and caught here and not in the coroutine, where GCC 12 miscompiles
// a `catch (...)` around a co_await.
decision connection::decide() {
  try {
    return shared_.dispatch.decide(reader_.what(), path_, shared_.metrics, *shared_.options.watcher);
  } catch (...) {
    fail("a gate threw: " + words_of_exception());
    return {shared_.metrics.unmatched(), std::move(*std::exchange(answer_, std::nullopt))};
  }
}

instant connection::ask(const deferred_handler& asked) {
  client_left_ = {};
  auto answer = loop_.expect_answer(slot_, awaited_, client_left_.get_token());
  try {
    return asked(reader_.what(), std::move(answer));
  } catch (...) {
    // The reply was dropped, which answers too, later: it is no longer awaited.
    awaited_ = 0;
    fail("a route's handler threw: " + words_of_exception());
    return instant::max();
  }
}

void connection::fail(const std::string& what) {
  shared_.options.watcher->log(severity::error, {"http", shared_.options.name}, what);
  answer_ = problem({errc::internal, "the handler of this route failed"}, reader_.what().request_id);
}

void connection::refuse(refusal why, std::string detail) {
  received_ = steady_now();
  shared_.metrics.refused(why);
  answer_ = problem(why, std::move(detail), reader_.what().request_id);
  render(persistence::close);
}

void connection::render(persistence wish) {
  const auto& what = reader_.what();
  persistence_ = shared_.stopping.load(std::memory_order_relaxed) ? persistence::close : wish;
  append_answer(output_, *answer_, {what.verb, what.version, persistence_, what.request_id, further_lines()});
  shared_.metrics.answered(route_, what.verb, answer_->status, steady_now() - received_);
  answer_.reset();
}

void connection::render_stream_head() {
  const auto& what = reader_.what();
  persistence_ = persistence::close;
  append_stream_head(output_, media_type::events, {what.verb, what.version, persistence_, what.request_id, further_lines()});
  shared_.metrics.answered(route_, what.verb, 200, steady_now() - received_);
}

std::string_view connection::further_lines() {
  const auto& date = loop_.date_line();
  const auto& cors = shared_.dispatch.cors();
  if (!cors)
    return date;
  lines_ = date;
  cors->append_lines(lines_, reader_.what().header("origin").value_or(std::string_view{}));
  return lines_;
}

void connection::close_socket() {
  error_code ignored;
  socket_.close(ignored);
}

} // namespace troupe::http
