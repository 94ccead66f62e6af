#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace aws_test {

/// A request as it came.
struct seen {
  std::string head; ///< the request line and the headers
  std::string body;
};

/// A service on loopback that answers as a test says: one request for each connection, one at a time.
class scripted_service {
public:
  /// The whole answer to the request of that number, from 0; nothing holds its connection open without one.
  using script = std::function<std::optional<std::string>(const seen& what, std::size_t number)>;

  explicit scripted_service(script how);
  ~scripted_service();
  scripted_service(const scripted_service&) = delete;
  scripted_service& operator=(const scripted_service&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// The requests so far.
  [[nodiscard]] std::vector<seen> requests();

  /// Waits until there are so many; false when they never came.
  [[nodiscard]] bool asked(std::size_t count);

private:
  void serve();
  void answer(int connection);

  script how_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<seen> requests_; // below guard_
  std::vector<int> held_;      // of the thread
  std::thread thread_;
};

/// An answer with its length.
std::string http(unsigned status, std::string_view body, std::string_view further_headers = {});

} // namespace aws_test
