#include <troupe/bridges/http/listener.hpp>

#include <atomic>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/errc.hpp>

#include <troupe/bridges/http/engine/loop.hpp>

namespace troupe::http {

namespace {

failure cannot_listen(const endpoint& where, const error_code& error) {
  const bool in_use = error == asio::error::address_in_use;
  return {in_use ? errc::locked : errc::invalid, "cannot listen on " + to_string(where) + ": " + error.message()};
}

// Where every address is wanted and the system has no IPv6: every IPv4 address. What a kernel without it, and one where it
// is switched off, answer.
std::optional<endpoint> without_ipv6(const endpoint& where, const error_code& error) {
  const bool off = error == asio::error::address_family_not_supported || error == boost::system::errc::address_not_available
                   || error == boost::system::errc::protocol_not_supported;
  return off && where.address == "::" ? std::optional{endpoint{"0.0.0.0", where.port}} : std::nullopt;
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
    auto error = listen_at(*at);
    if (const auto instead = without_ipv6(where, error)) {
      at = resolve(loops_.front()->io(), *instead);
      error = at ? listen_at(*at) : error;
    }
    if (error)
      return cannot_listen(where, error);
    const auto bound = acceptor_->local_endpoint(error);
    if (error)
      return cannot_listen(where, error);
    local_ = {bound.address().to_string(), bound.port()};
    return {};
  }

  void start() {
    begin_accepting();
    for (const auto& each : loops_)
      each->start();
  }

  const endpoint& local() const noexcept { return local_; }

  bool accepting(instant now) const noexcept {
    constexpr auto a_while = std::chrono::seconds{1}; // several times as long as the pause after a failure
    return now - instant{duration{last_failure_.load(std::memory_order_relaxed)}} > a_while;
  }

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
  error_code listen_at(const asio::ip::tcp::endpoint& at) {
    error_code error;
    if (acceptor_->is_open())
      acceptor_->close(error);
    acceptor_->open(at.protocol(), error);
    if (!error)
      acceptor_->set_option(tcp_acceptor::reuse_address{true}, error);
    if (!error && at.address().is_v6() && at.address().is_unspecified())
      acceptor_->set_option(asio::ip::v6_only{false}, error); // whatever the system's default is
    if (!error)
      acceptor_->bind(at, error);
    if (!error)
      acceptor_->listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  // Ends with the acceptor; where memory was short, it begins anew.
  void begin_accepting() {
    asio::co_spawn(loops_.front()->io(), accept(), [this](const std::exception_ptr& error) {
      if (!error)
        return;
      log_failure("connections could not be accepted for want of memory");
      begin_accepting();
    });
  }

  task<void> accept() {
    for (std::size_t turn = 0; acceptor_->is_open(); ++turn) {
      auto& next = *loops_[turn % loops_.size()];
      tcp_socket socket{next.io()};
      error_code error;
      co_await acceptor_->async_accept(socket, asio::redirect_error(use_task, error));
      if (!error)
        hand_over(next, std::move(socket));
      else if (acceptor_->is_open())
        co_await recover(error);
    }
  }

  // A connection for which there is no memory is closed, and the next one is accepted.
  void hand_over(loop& next, tcp_socket socket) noexcept {
    try {
      asio::dispatch(next.io(), [&next, taken = std::move(socket)]() mutable { next.adopt(std::move(taken)); });
    } catch (...) {
      log_failure("a connection could not be taken: " + words_of_exception());
    }
  }

  // Out of descriptors or memory: what is open is still served, what idles gives way, and what waits is accepted then.
  task<void> recover(error_code why) {
    log_failure("connections cannot be accepted: " + why.message() + "; raise RLIMIT_NOFILE where descriptors run out");
    for (const auto& each : loops_)
      asio::post(each->io(), [one = each.get()] { one->shed(); });
    pause_->expires_after(std::chrono::milliseconds{100});
    error_code ignored;
    co_await pause_->async_wait(asio::redirect_error(use_task, ignored));
  }

  void log_failure(const std::string& text) {
    constexpr auto again = std::chrono::minutes{1};
    const auto now = steady_now();
    shared_.metrics.failed_accept();
    last_failure_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    if (now - last_told_ < again)
      return;
    last_told_ = now;
    shared_.options.watcher->log(severity::warning, {"http", shared_.options.name}, text);
  }

  shared_state shared_;
  std::vector<std::unique_ptr<loop>> loops_;
  std::optional<tcp_acceptor> acceptor_; // of the first loop
  std::optional<io_timer> pause_;        // likewise
  endpoint local_;
  std::atomic<instant::rep> last_failure_{instant::min().time_since_epoch().count() / 2}; // never
  instant last_told_{instant::min().time_since_epoch() / 2};                              // of the first loop
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

bool listener::accepting() const noexcept {
  return impl_->accepting(steady_now());
}

void listener::stop_accepting() {
  impl_->stop_accepting();
}

bool listener::drain(duration at_most) {
  return impl_->drain(at_most);
}

} // namespace troupe::http
