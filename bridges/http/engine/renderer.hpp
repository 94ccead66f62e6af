#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <troupe/bridges/http/reply.hpp>
#include <troupe/bridges/http/route.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// Makes one rendering again and again, for whoever asked before it began. It rests for as long as each took, so that it has
/// half a processor at most. Any thread.
class renderer {
public:
  /// `what` and `watcher` outlive it. Throws `std::system_error` where the system gives no thread.
  renderer(const rendering& what, observer& watcher);

  /// Whoever still waits is told that nobody answers.
  ~renderer();
  renderer(const renderer&) = delete;
  renderer& operator=(const renderer&) = delete;

  void ask(reply who);

private:
  void run();
  response make() const;

  const rendering& what_;
  observer& watcher_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<reply> waiting_;
  bool ended_ = false;
  std::thread thread_;
};

} // namespace troupe::http
