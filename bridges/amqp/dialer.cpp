#include <troupe/bridges/amqp/dialer.hpp>

#include <chrono>
#include <utility>

namespace troupe::amqp {

namespace {

// Another host of the same brokers would answer the same.
bool holds_everywhere(errc code) noexcept {
  return code == errc::unauthenticated || code == errc::forbidden;
}

} // namespace

std::optional<session> dialer::reach() {
  if (steady_now() < not_before_)
    return std::nullopt;
  if (!where_) {
    auto found = to_.where(std::exchange(how_, freshness::anew));
    if (found.has_value() && found->hosts.empty())
      found = failure{errc::invalid, "the access names no host"};
    if (found.has_error()) {
      watch_.link_fails(found.error());
      not_before_ = steady_now() + backoff_.next(steady_now());
      return std::nullopt;
    }
    where_ = std::move(*found);
    host_ = 0;
  }
  auto made = session::open(to_, *where_, where_->hosts[host_], &line_);
  if (made.has_error()) {
    failed(made.error());
    return std::nullopt;
  }
  watch_.link_works();
  return std::move(*made);
}

void dialer::failed(const failure& why) {
  watch_.link_fails(why);
  if (++host_ < where_->hosts.size() && !holds_everywhere(why.code))
    return; // the next host at once
  where_.reset();
  not_before_ = steady_now() + backoff_.next(steady_now());
}

void dialer::lost(const failure& why) {
  if (why.code == errc::unavailable && !watch_.trouble())
    watch_.link_fails(why);
  else
    watch_.work_fails(why);
  where_.reset();
  how_ = freshness::cached;
  not_before_ = steady_now() + backoff_.next(steady_now());
}

} // namespace troupe::amqp
