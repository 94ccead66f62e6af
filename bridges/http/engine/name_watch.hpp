#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/http/client_target.hpp>
#include <troupe/bridges/http/engine/asio.hpp>

namespace troupe::http {

/// Looks a target's name up again and again, and calls back when its addresses have changed, but not for a literal address
/// or a name that is not found. For the I/O thread alone.
class name_watch {
public:
  using change_handler = std::function<void()>;

  name_watch(asio::io_context& io, const client_target& target, duration every, change_handler move_on);

  /// Begins to look, unless it does so already; ends with this object.
  void start();

private:
  void look();
  void wait();

  const std::string host_;
  const std::string port_;
  const duration every_;
  const change_handler move_on_;
  asio::ip::tcp::resolver resolver_;
  io_timer timer_;
  std::vector<asio::ip::tcp::endpoint> known_;
  std::shared_ptr<int> turn_; ///< of what is under way; none: it does not look
};

} // namespace troupe::http
