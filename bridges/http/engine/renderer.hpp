#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <troupe/bridges/http/pending_answer.hpp>
#include <troupe/bridges/http/route.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// Makes one rendering again and again, each for all requests that came before it began. It rests for as long as each took,
/// so that it uses half a processor at most. Any thread.
class renderer {
public:
  /// `what` and `watcher` outlive it. Throws `std::system_error` where the system gives no thread.
  renderer(const rendering& costly, observer& watcher);

  /// Requests that still wait are answered as abandoned.
  ~renderer();
  renderer(const renderer&) = delete;
  renderer& operator=(const renderer&) = delete;

  void ask(pending_answer who);

private:
  void run();
  response make() const;

  const rendering& rendering_;
  observer& watcher_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<pending_answer> waiting_;
  bool ended_ = false;
  std::thread thread_;
};

} // namespace troupe::http
