#include <troupe/bridges/http/listener.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <troupe/bridges/http/engine/loop.hpp>

namespace troupe::http {

namespace {

failure cannot_listen(const endpoint& where, const error_code& error) {
  const bool in_use = error == asio::error::address_in_use;
  return {in_use ? errc::locked : errc::invalid, "cannot listen on " + to_string(where) + ": " + error.message()};
}

expected<asio::ip::tcp::endpoint> resolve(asio::io_context& io, const endpoint& where) {
  asio::ip::tcp::resolver resolver{io};
  error_code error;
  const auto flags = asio::ip::resolver_base::passive | asio::ip::resolver_base::numeric_service;
  const auto found = resolver.resolve(where.address, std::to_string(where.port), flags, error);
  if (error)
    return cannot_listen(where, error);
  return found.begin()->endpoint();
}

} // namespace

class listener::impl {
public:
  explicit impl(listener_options options) : shared_(std::move(options)) {
    for (unsigned count = 0; count < shared_.options.threads; ++count)
      loops_.push_back(std::make_unique<loop>(shared_));
    acceptor_.emplace(loops_.front()->io());
    pause_.emplace(loops_.front()->io());
  }

  ~impl() {
    stop_accepting();
    for (const auto& each : loops_)
      asio::post(each->io(), [one = each.get()] { one->finish(); });
    for (const auto& each : loops_)
      each->join();
  }

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  expected<void> open() {
    const auto& where = shared_.options.where;
    auto at = resolve(loops_.front()->io(), where);
    if (!at)
      return at.error();
    error_code error;
    acceptor_->open(at->protocol(), error);
    if (!error)
      acceptor_->set_option(tcp_acceptor::reuse_address{true}, error);
    if (!error)
      acceptor_->bind(*at, error);
    if (!error)
      acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return cannot_listen(where, error);
    const auto bound = acceptor_->local_endpoint(error);
    if (error)
      return cannot_listen(where, error);
    local_ = {bound.address().to_string(), bound.port()};
    return {};
  }

  void start() {
    asio::co_spawn(loops_.front()->io(), accept(), asio::detached);
    for (const auto& each : loops_)
      each->start();
  }

  const endpoint& local() const noexcept { return local_; }

  void stop_accepting() {
    shared_.stopping = true;
    asio::post(loops_.front()->io(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
    });
  }

  bool drain(duration at_most) {
    stop_accepting();
    shared_.draining = true;
    for (const auto& each : loops_)
      asio::post(each->io(), [one = each.get()] { one->retire(); });
    std::unique_lock lock{shared_.guard};
    return shared_.emptied.wait_for(lock, at_most, [this] { return shared_.connections == 0; });
  }

private:
  task<void> accept() {
    for (std::size_t turn = 0; acceptor_->is_open(); ++turn) {
      auto& next = *loops_[turn % loops_.size()];
      tcp_socket socket{next.io()};
      error_code error;
      co_await acceptor_->async_accept(socket, asio::redirect_error(use_task, error));
      if (!error)
        asio::dispatch(next.io(), [&next, taken = std::move(socket)]() mutable { next.adopt(std::move(taken)); });
      else if (acceptor_->is_open())
        co_await recover(error);
    }
  }

  // Out of descriptors or memory: what is open is still served, and what waits is accepted when something closes.
  task<void> recover(error_code why) {
    shared_.metrics.failed_accept();
    shared_.options.watcher->log(severity::warning, {"http", shared_.options.name},
                                 "a connection could not be accepted: " + why.message());
    pause_->expires_after(std::chrono::milliseconds{100});
    error_code ignored;
    co_await pause_->async_wait(asio::redirect_error(use_task, ignored));
  }

  shared_state shared_;
  std::vector<std::unique_ptr<loop>> loops_;
  std::optional<tcp_acceptor> acceptor_; // of the first loop
  std::optional<io_timer> pause_;        // likewise
  endpoint local_;
};

listener::listener(std::unique_ptr<impl> body) : impl_(std::move(body)) {}

listener::~listener() = default;

expected<std::unique_ptr<listener>> listener::listen(listener_options options) {
  auto body = std::make_unique<impl>(std::move(options));
  if (auto opened = body->open(); !opened)
    return opened.error();
  body->start();
  return std::unique_ptr<listener>{new listener{std::move(body)}};
}

endpoint listener::local() const {
  return impl_->local();
}

void listener::stop_accepting() {
  impl_->stop_accepting();
}

bool listener::drain(duration at_most) {
  return impl_->drain(at_most);
}

} // namespace troupe::http
