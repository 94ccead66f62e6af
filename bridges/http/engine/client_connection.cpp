#include <troupe/bridges/http/engine/client_connection.hpp>

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <troupe/bridges/http/client_codec.hpp>
#include <troupe/bridges/http/engine/client_pool.hpp>

namespace troupe::http {

namespace {

constexpr auto ended_without_answer = "the connection ended without an answer";

// A socket is closed under what takes too long.
std::string words(const error_code& error) {
  return error == asio::error::operation_aborted ? "it took too long" : error.message();
}

} // namespace

client_connection::client_connection(client_pool& owner, std::uint64_t generation)
  : owner_(&owner),
    generation_(generation),
    resolver_(owner.io()),
    timer_(owner.io()),
    reader_(owner.options().bounds.answer) {}

// -- coming about

// Not in the caller's turn, so that what fails at once does not fail within its loop.
void client_connection::connect() {
  asio::post(owner_->io(), [self = shared_from_this()] {
    if (!self->closed_)
      self->look_up();
  });
}

void client_connection::look_up() {
  const auto& target = owner_->options().target;
  error_code error;
  const auto literal = asio::ip::make_address(target.host, error);
  if (!error) {
    addresses_.emplace_back(literal, target.port);
    return try_next_address();
  }
  arm(owner_->options().patience.connect, &client_connection::give_up_address);
  const auto flags = asio::ip::resolver_base::numeric_service;
  resolver_.async_resolve(
    target.host, std::to_string(target.port), flags, [self = shared_from_this()](error_code failed, const auto& found) {
      if (self->closed_)
        return;
      if (failed)
        return self->fail({errc::not_sent, "its name was not found: " + failed.message()});
      for (const auto& each : found)
        self->addresses_.push_back(each.endpoint());
      // Each connection begins with another address, so that all are used.
      const auto turn = self->owner_->next_turn() % std::max<std::size_t>(1, found.size());
      std::rotate(self->addresses_.begin(), self->addresses_.begin() + static_cast<std::ptrdiff_t>(turn),
                  self->addresses_.end());
      self->try_next_address();
    });
}

void client_connection::try_next_address() {
  if (next_address_ == addresses_.size())
    return fail(std::move(last_error_));
  auto made = owner_->make_wire();
  if (!made)
    return fail(made.error());
  wire_ = std::move(*made);
  arm(owner_->options().patience.connect, &client_connection::give_up_address);
  // A socket that is closed meanwhile may still be reported as connected: the wire identifies the attempt.
  wire_->socket().async_connect(addresses_[next_address_++],
                                [self = shared_from_this()](error_code error) { self->connected_to_address(error); });
}

void client_connection::connected_to_address(error_code error) {
  if (closed_)
    return;
  if (!error && !wire_->socket().is_open())
    error = asio::error::operation_aborted;
  if (error) {
    last_error_.reason = "no connection was established: " + words(error);
    return try_next_address();
  }
  error_code ignored;
  wire_->socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
  wire_->shake_hands([self = shared_from_this()](error_code failed) { self->shook_hands(failed); });
}

void client_connection::shook_hands(error_code error) {
  if (closed_)
    return;
  if (!error && !wire_->socket().is_open())
    error = asio::error::operation_aborted;
  if (error) {
    const auto detail = wire_->detail();
    const auto code = is_refused_certificate(error) ? errc::unauthenticated
                      : detail.empty()              ? errc::not_sent
                                                    : errc::untrusted;
    last_error_ = {code, "the TLS handshake failed: " + (detail.empty() ? words(error) : detail)};
    return try_next_address();
  }
  ++timer_turn_;
  timer_.cancel();
  read_more();
  owner_->connected(*this);
}

// The handler of what is under way goes on with the next address.
void client_connection::give_up_address() {
  if (wire_)
    wire_->close();
  else
    fail({errc::not_sent, "its name was not found in time"});
}

// -- serving

void client_connection::serve(exchange_ptr call) {
  ++timer_turn_;
  timer_.cancel();
  current_ = std::move(call);
  current_->on = this;
  const auto& request = current_->request();
  reader_.begin(request.expects);
  output_ = request.head;
  append_remaining_time(output_, current_->remaining(steady_now()));
  output_ += request.body;
  writing_ = true;
  written_any_ = false;
  wire_->write(output_, [self = shared_from_this()](error_code error, std::size_t count) { self->wrote(error, count); });
}

void client_connection::wrote(error_code error, std::size_t count) {
  writing_ = false;
  written_any_ = count > 0;
  if (closed_ || !error)
    return;
  // Once some of it was written, the read that is under way reports the outcome.
  if (!written_any_ && !reader_.begun())
    lose("the request could not be written: " + error.message());
}

void client_connection::read_more() {
  if (std::exchange(reading_, true))
    return;
  wire_->read_some(input_,
                   [self = shared_from_this()](error_code error, std::size_t count) { self->take_bytes(error, count); });
}

void client_connection::take_bytes(error_code error, std::size_t count) {
  reading_ = false;
  if (closed_)
    return;
  // Between two exchanges a server has nothing to say: it has closed, or is about to.
  if (!current_)
    return drop();
  if (count > 0)
    switch (reader_.feed({input_.data(), count})) {
      case answer_reader::progress::complete:
        return complete();
      case answer_reader::progress::failed:
        return fail({errc::undecodable, "its answer is not HTTP: " + reader_.why()});
      case answer_reader::progress::need_more:
        break;
    }
  if (error)
    return take_end(error);
  read_more();
}

void client_connection::take_end(error_code error) {
  if (!reader_.begun())
    return is_refused_certificate(error)
             ? fail({errc::unauthenticated, "it refused our certificate: " + error.message()})
             : lose(error == asio::error::eof ? ended_without_answer : ended_without_answer + (": " + error.message()));
  if (is_orderly_end(error) && reader_.finish() == answer_reader::progress::complete)
    return complete();
  fail({errc::outcome_unknown, "the connection ended in the middle of an answer"});
}

void client_connection::complete() {
  const auto done = std::exchange(current_, nullptr);
  done->on = nullptr;
  auto answer = reader_.take();
  // An answer that came before the whole request was read leaves the rest of it in the way.
  const bool kept = answer.wish == persistence::keep_alive && !reader_.surplus() && !writing_;
  done->end(std::move(answer));
  used_ = true;
  if (!kept)
    return drop();
  read_more();
  owner_->released(*this);
}

// The connection ended before a byte of an answer. What was not written is provably not sent; the rest nobody knows.
void client_connection::lose(const std::string& why) {
  if (written_any_ || writing_)
    return fail({errc::outcome_unknown, why});
  if (!used_ || current_->put_back)
    return fail({errc::not_sent, why});
  const auto again = std::exchange(current_, nullptr);
  again->on = nullptr;
  auto* const owner = owner_;
  const auto self = shared_from_this();
  drop();
  owner->put_back(again);
}

void client_connection::fail(failure why) {
  const auto self = shared_from_this();
  auto* const owner = owner_;
  if (const auto failed = std::exchange(current_, nullptr)) {
    failed->on = nullptr;
    failed->end(std::move(why));
    return drop();
  }
  close();
  owner->not_connected(*this, why);
}

// -- resting and ending

void client_connection::rest() {
  arm(owner_->options().patience.idle, &client_connection::rested_long);
}

void client_connection::rested_long() {
  drop();
}

bool client_connection::usable(std::uint64_t generation) {
  return !closed_ && generation == generation_ && !wire_->stale();
}

void client_connection::arm(duration span, void (client_connection::*then)()) {
  timer_.expires_after(span);
  timer_.async_wait([weak = weak_from_this(), then, turn = ++timer_turn_](error_code error) {
    const auto self = weak.lock();
    if (self && !error && !self->closed_ && self->timer_turn_ == turn)
      (self.get()->*then)();
  });
}

void client_connection::drop() {
  const auto self = shared_from_this();
  close();
  owner_->closed(*this);
}

void client_connection::close() {
  if (std::exchange(closed_, true))
    return;
  timer_.cancel();
  resolver_.cancel();
  if (wire_)
    wire_->close();
  if (const auto left = std::exchange(current_, nullptr))
    left->on = nullptr;
}

} // namespace troupe::http
