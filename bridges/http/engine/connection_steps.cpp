// What a connection does between its waits.
#include <troupe/bridges/http/engine/connection.hpp>

#include <utility>

#include <boost/asio/buffer.hpp>

#include <troupe/bridges/http/engine/loop.hpp>

namespace troupe::http {

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
  if (role_ == audience::operators) { // once, for all of it
    const auto by = phase_ == phase::closing ? steady_now() + patience.reserved : due_;
    return wait_until(next, by);
  }
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
      await_breaking();
    else if (error)
      broken_ = true;
    input_.commit(count);
    signal();
  });
}

// After the client's end nothing is left to be read, and only an error shows that it does not take its answers.
void connection::await_breaking() {
  client_ended_ = true;
  reading_ = true;
  socket_.async_wait(tcp_socket::wait_error, [this](error_code /*aborted, where we close it ourselves*/) {
    reading_ = false;
    broken_ = true;
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
  constexpr std::size_t most_output_kept = 4 * kibibyte;
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
    return shared_.dispatch.decide(reader_.received(), path_, role_, shared_.metrics, *shared_.options.watcher);
  } catch (...) {
    fail("a gate threw: " + words_of_exception());
    return {shared_.metrics.unmatched(), std::move(*std::exchange(answer_, std::nullopt))};
  }
}

instant connection::ask(const deferred_handler& asked) {
  client_left_ = {};
  auto answer = loop_.expect_answer(slot_, awaited_, client_left_.get_token());
  try {
    return asked(reader_.received(), std::move(answer));
  } catch (...) {
    // The pending answer was dropped, which answers too, later: it is no longer awaited.
    awaited_ = 0;
    fail("a route's handler threw: " + words_of_exception());
    return instant::max();
  }
}

void connection::fail(const std::string& reason) {
  shared_.options.watcher->log(severity::error, {"http", shared_.options.name}, reason);
  answer_ = problem({errc::internal, "the handler of this route failed"}, reader_.received().request_id);
}

void connection::refuse(refusal why, std::string detail) {
  received_ = steady_now();
  shared_.metrics.refused(why);
  answer_ = problem(why, std::move(detail), reader_.received().request_id);
  render(persistence::close);
}

void connection::render(persistence wish) {
  const auto& incoming = reader_.received();
  const bool last = shared_.stopping.load(std::memory_order_relaxed) || role_ == audience::operators
                    || (client_ended_ && input_.unread().empty());
  persistence_ = last ? persistence::close : wish;
  append_answer(output_, *answer_, {incoming.verb, incoming.version, persistence_, incoming.request_id, further_lines()});
  shared_.metrics.answered(route_, incoming.verb, answer_->status, steady_now() - received_);
  answer_.reset();
  reader_.release_body(); // while the client takes its answer
}

void connection::render_stream_head() {
  const auto& incoming = reader_.received();
  persistence_ = persistence::close;
  append_stream_head(output_, media_type::events,
                     {incoming.verb, incoming.version, persistence_, incoming.request_id, further_lines()});
  shared_.metrics.answered(route_, incoming.verb, 200, steady_now() - received_);
}

std::string_view connection::further_lines() {
  const auto& date = loop_.date_line();
  const auto& cors = shared_.dispatch.cors();
  if (!cors)
    return date;
  lines_ = date;
  cors->append_lines(lines_, reader_.received().header("origin").value_or(std::string_view{}));
  return lines_;
}

void connection::close_socket() {
  error_code ignored;
  socket_.close(ignored);
}

} // namespace troupe::http
