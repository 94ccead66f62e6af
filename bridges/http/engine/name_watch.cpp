#include <troupe/bridges/http/engine/name_watch.hpp>

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace troupe::http {

namespace {

bool is_literal(const std::string& host) {
  error_code error;
  static_cast<void>(asio::ip::make_address(host, error));
  return !error;
}

} // namespace

name_watch::name_watch(asio::io_context& io, const client_target& target, duration every, change_handler move_on)
  : host_(is_literal(target.host) ? std::string{} : target.host),
    port_(std::to_string(target.port)),
    every_(every),
    move_on_(std::move(move_on)),
    resolver_(io),
    timer_(io) {}

void name_watch::start() {
  if (turn_ || host_.empty())
    return;
  turn_ = std::make_shared<int>();
  look();
}

// A handler may run after the end of this object, and then finds its turn gone.
void name_watch::look() {
  resolver_.async_resolve(host_, port_, asio::ip::resolver_base::numeric_service,
                          [this, turn = std::weak_ptr{turn_}](error_code error, const auto& found) {
                            if (turn.expired())
                              return;
                            std::vector<asio::ip::tcp::endpoint> now;
                            if (!error)
                              for (const auto& each : found)
                                now.push_back(each.endpoint());
                            std::ranges::sort(now);
                            wait();
                            if (now.empty())
                              return;
                            const bool several = now.size() > 1;
                            const bool others = now != known_;
                            if (!std::exchange(known_, std::move(now)).empty() && (others || several))
                              move_on_();
                          });
}

void name_watch::wait() {
  timer_.expires_after(every_);
  timer_.async_wait([this, turn = std::weak_ptr{turn_}](error_code error) {
    if (!error && !turn.expired())
      look();
  });
}

} // namespace troupe::http
