#include <troupe/bridges/http/engine/connection.hpp>

#include <exception>
#include <utility>

#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <troupe/bridges/http/engine/loop.hpp>

namespace troupe::http {

namespace {

constexpr std::size_t most_output_at_once = 64 * kibibyte;
using unsent_bytes = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

} // namespace

connection::connection(loop& owner, tcp_socket socket, std::uint32_t slot, audience role)
  : loop_(owner),
    shared_(owner.shared()),
    socket_(std::move(socket)),
    slot_(slot),
    role_(role),
    // What is larger than a header is read piece by piece; the parser sees its limit reached before the buffer is full.
    input_(shared_.options.bounds.header_bytes + 1024),
    reader_(shared_.options.bounds) {
  // A failure of either shows when the connection is used.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  // What the system holds that was not sent yet counts as not taken: it shows here, not in the system's memory.
  socket_.set_option(unsent_bytes{static_cast<int>(most_output_at_once)}, ignored);
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
    cut_off();
  else
    signal();
}

void connection::cut_off() {
  shared_.metrics.cut_off();
  close_socket();
}

bool connection::give_way() {
  if (phase_ != phase::idle)
    return false;
  abort();
  return true;
}

void connection::abort() {
  aborted_ = true;
  close_socket();
  signal();
}

bool connection::take_answer(std::uint64_t serial, response&& answer) {
  if (awaited_ != serial)
    return false;
  awaited_ = 0;
  answer_ = std::move(answer);
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

task<connection::arrival> connection::next_request() {
  reader_.begin();
  continue_sent_ = false;
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
    if (reader_.wants_continue() && !std::exchange(continue_sent_, true))
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
    if (role_ == audience::operators)
      refuse(refusal::connection_bound, "too many connections");
    else if (phase_ != phase::idle)
      refuse(refusal::slow_request, "the request did not arrive in time");
    co_return arrival::nothing_more;
  }
}

task<void> connection::answer_request() {
  received_ = steady_now();
  auto decided = decide();
  route_ = decided.route;
  if (auto* const events = std::get_if<const event_source*>(&decided.answer)) {
    co_await stream(**events);
    co_return;
  }
  if (auto* const deferred = std::get_if<const deferred_handler*>(&decided.answer))
    co_await await_work(**deferred);
  else if (auto* const costly = std::get_if<const rendering*>(&decided.answer))
    co_await await_rendering(**costly);
  else
    answer_ = std::move(std::get<response>(decided.answer));
  if (!answer_)
    co_return;
  render(reader_.wish());
  if (output_.size() < most_output_at_once && ++pipelined_ < shared_.options.bounds.pipelined)
    co_return;
  if (!write_some())
    co_await flush();
  else if (!input_.unread().empty())
    co_await asio::post(loop_.io().get_executor(), use_task); // others have their turn
}

task<void> connection::await_work(const deferred_handler& asked) {
  // The answers to earlier requests of a pipeline do not wait for this one.
  if (!output_.empty() && !write_some())
    co_await flush();
  std::optional<pipeline_gate::turn> turn;
  if (!input_.unread().empty())
    turn.emplace(loop_.pipelines(), *this);
  if (turn && !turn->granted())
    wait_until(phase::answering, steady_now() + shared_.options.patience.write);
  while (turn && !turn->granted() && writable() && !expired_) {
    read_some();
    co_await wake();
  }
  if (!writable())
    co_return;
  const request_in_flight counted{shared_};
  if (!counted.admitted() || (turn && !turn->granted())) {
    shared_.metrics.refused(refusal::in_flight_bound);
    answer_ = problem(refusal::in_flight_bound, "too many requests are under way", reader_.received().request_id);
    co_return;
  }
  co_await await_answer(ask(asked));
}

task<void> connection::await_rendering(const rendering& costly) {
  constexpr auto at_most = std::chrono::seconds{30};
  if (!output_.empty() && !write_some())
    co_await flush();
  client_left_ = {};
  shared_.renderer_of(costly).ask(loop_.expect_answer(slot_, awaited_, client_left_.get_token()));
  co_await await_answer(steady_now() + at_most);
}

// A client that has ended its half has still asked (RFC 9112, section 9.6): only an error of the connection shows that it
// left.
task<void> connection::await_answer(instant answer_by) {
  wait_until(phase::answering, answer_by);
  while (awaited_ != 0 && writable() && !expired_) {
    read_some();
    co_await wake();
  }
  const bool unanswered = std::exchange(awaited_, 0) != 0;
  if (!writable()) {
    if (!aborted_)
      shared_.metrics.client_gone();
    client_left_.request_stop();
    answer_.reset();
  } else if (unanswered) {
    answer_ = problem({errc::deadline_exceeded, "no answer came in time"}, reader_.received().request_id);
  }
}

task<void> connection::stream(const event_source& source) {
  auto& hub = loop_.hub_of(source);
  const event_hub::membership member{hub, *this};
  if (!member.joined()) {
    refuse(refusal::stream_bound, "too many subscribers");
    co_return;
  }
  if (hub.sequence() == 0) { // the source threw, and has no value yet
    answer_ = problem({errc::internal, "the event source of this route failed"}, reader_.received().request_id);
    render(persistence::close);
    co_return;
  }
  render_stream_head();
  std::uint64_t sent = 0;
  auto beats = hub.beats();
  bool tried = false;
  while (reader_.received().verb != method::head && writable() && !shared_.draining.load(std::memory_order_relaxed)) {
    if (sent != hub.sequence())
      output_ += hub.latest();
    else if (beats != hub.beats() || (client_ended_ && !std::exchange(tried, true))) // one that has left refuses it
      output_ += ": heartbeat\r\n\r\n";
    sent = hub.sequence();
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
  const untaken_answers::entry untaken{loop_.untaken(), *this, output_.capacity()};
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

} // namespace troupe::http
