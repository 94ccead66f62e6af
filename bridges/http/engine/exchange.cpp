#include <troupe/bridges/http/engine/exchange.hpp>

#include <boost/asio/post.hpp>

namespace troupe::http {

void exchange::watch(given_up how) {
  how_ = std::move(how);
  timer_.expires_at(order_.answer_by.at());
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    if (const auto self = weak.lock(); self && !error)
      self->give_up({errc::deadline_exceeded, "no answer came in time"});
  });
  if (!order_.abandoned.stop_possible())
    return;
  // Runs on the thread of the caller that leaves, so it only posts to this one.
  leaving_.emplace(order_.abandoned, [&io = io_, weak = weak_from_this()] {
    asio::post(io, [weak] {
      if (const auto self = weak.lock())
        self->give_up({errc::cancelled, "the caller has left"});
    });
  });
}

void exchange::give_up(failure why) {
  if (!ended_)
    how_(shared_from_this(), std::move(why));
}

void exchange::end(expected<http_answer>&& outcome) {
  if (std::exchange(ended_, true))
    return;
  timer_.cancel();
  leaving_.reset();
  order_.owed.give(std::move(outcome));
}

} // namespace troupe::http
