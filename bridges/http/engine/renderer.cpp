#include <troupe/bridges/http/engine/renderer.hpp>

#include <troupe/bridges/http/engine/dispatch.hpp>
#include <troupe/bridges/http/engine/threads.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::http {

renderer::renderer(const rendering& costly, observer& watcher)
  : rendering_(costly), watcher_(watcher), thread_(start_thread([this] { run(); })) {}

renderer::~renderer() {
  {
    const std::scoped_lock lock{guard_};
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void renderer::ask(pending_answer who) {
  {
    const std::scoped_lock lock{guard_};
    waiting_.push_back(std::move(who));
  }
  changed_.notify_one();
}

void renderer::run() {
  std::unique_lock lock{guard_};
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (ended_)
      return;
    auto asked = std::exchange(waiting_, {});
    lock.unlock();
    const auto began = steady_now();
    const auto made = make();
    const auto took = steady_now() - began;
    for (auto& each : asked)
      each.give(response{made});
    lock.lock();
    changed_.wait_for(lock, took, [this] { return ended_; });
  }
}

response renderer::make() const {
  try {
    response result{200, rendering_.content_type, {}, {{"Cache-Control", "no-store"}}, {}};
    result.shared = std::make_shared<const std::string>(rendering_.render());
    return result;
  } catch (...) {
    watcher_.log(severity::error, {"http", "listener"}, "a rendering threw: " + words_of_exception());
    return problem({errc::internal, "the handler of this route failed"}, {});
  }
}

} // namespace troupe::http
