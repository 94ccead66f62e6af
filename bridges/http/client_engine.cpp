#include <troupe/bridges/http/client_engine.hpp>

#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <troupe/bridges/http/engine/client_inbox.hpp>
#include <troupe/bridges/http/engine/threads.hpp>

namespace troupe::http {

// -- client_inbox

template <class Work>
void client_inbox::enter(Work work) {
  const std::scoped_lock lock{guard_};
  if (owner_ != nullptr)
    asio::post(owner_->io(), [owner = owner_, work = std::move(work)]() mutable { work(*owner); });
}

std::uint64_t client_inbox::open(pool_options options) {
  std::uint64_t pool = 0;
  {
    const std::scoped_lock lock{guard_};
    pool = ++last_pool_;
  }
  enter([pool, options = std::move(options)](client_pools& owner) mutable { owner.open(pool, std::move(options)); });
  return pool;
}

void client_inbox::submit(std::uint64_t pool, exchange_order order) {
  enter([pool, order = std::move(order)](client_pools& owner) mutable { owner.submit(pool, std::move(order)); });
}

void client_inbox::close(std::uint64_t pool) {
  enter([pool](client_pools& owner) { owner.close(pool); });
}

void client_inbox::shut() noexcept {
  const std::scoped_lock lock{guard_};
  owner_ = nullptr;
}

// -- client_engine

class client_engine::impl final : public client_pools {
public:
  impl() : work_(io_.get_executor()), thread_(start_thread([this] { io_.run(); })) {}

  // Nothing comes in any more; then every exchange fails and every connection closes; what is left of their handlers runs;
  // and the thread has no work.
  void end(client_inbox& inbox) {
    asio::post(io_, [this, &inbox] {
      inbox.shut();
      pools_.clear();
      work_.reset();
    });
    thread_.join();
  }

  asio::io_context& io() noexcept override { return io_; }

  void open(std::uint64_t pool, pool_options options) override {
    pools_.emplace(pool, std::make_unique<client_pool>(io_, std::move(options)));
  }

  void submit(std::uint64_t pool, exchange_order order) override {
    if (const auto found = pools_.find(pool); found != pools_.end())
      found->second->submit(std::move(order));
  }

  void close(std::uint64_t pool) override { pools_.erase(pool); }

private:
  asio::io_context io_{1};
  asio::executor_work_guard<io_executor> work_;
  std::unordered_map<std::uint64_t, std::unique_ptr<client_pool>> pools_; // of the thread
  std::thread thread_;
};

client_engine::client_engine() : impl_(std::make_unique<impl>()), inbox_(std::make_shared<client_inbox>(*impl_)) {}

client_engine::~client_engine() {
  impl_->end(*inbox_);
}

} // namespace troupe::http
