#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

#include <troupe/bridges/http/engine/client_pool.hpp>

namespace troupe::http {

/// The pools that the I/O thread has.
class client_pools {
public:
  virtual ~client_pools() = default;

  virtual asio::io_context& io() noexcept = 0;
  virtual void open(std::uint64_t pool, pool_options options) = 0;
  virtual void submit(std::uint64_t pool, exchange_order order) = 0;
  virtual void close(std::uint64_t pool) = 0;
};

/// The only way for actors to reach the clients' I/O thread. Any thread. Bounded by the limits of each client. Outlives the
/// thread: once closed it drops what comes, which answers it.
class client_inbox {
public:
  explicit client_inbox(client_pools& owner) : owner_(&owner) {}

  /// A pool for one client, which closes it.
  std::uint64_t open(pool_options options);
  void submit(std::uint64_t pool, exchange_order order);
  void close(std::uint64_t pool);

  /// On the I/O thread, which accepts nothing more.
  void shut() noexcept;

private:
  template <class Work>
  void enter(Work work);

  std::mutex guard_;
  client_pools* owner_; // null: shut
  std::uint64_t last_pool_ = 0;
};

} // namespace troupe::http
