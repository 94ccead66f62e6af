#include <troupe/bridges/http/engine/event_hub.hpp>

#include <algorithm>

#include <troupe/bridges/http/engine/connection.hpp>
#include <troupe/bridges/http/engine/shared.hpp>
#include <troupe/bridges/http/render.hpp>

namespace troupe::http {

event_hub::event_hub(asio::io_context& io, const event_source& source, shared_state& shared)
  : timer_(io), source_(source), shared_(shared) {}

bool event_hub::join(connection& who) {
  if (subscribers_.size() >= shared_.options.bounds.subscribers)
    return false;
  subscribers_.push_back(&who);
  shared_.metrics.subscribers(subscribers_.size());
  refresh();
  if (subscribers_.size() == 1) {
    last_told_ = steady_now();
    look_again();
  }
  return true;
}

void event_hub::leave(connection& who) {
  std::erase(subscribers_, &who);
  shared_.metrics.subscribers(subscribers_.size());
  if (subscribers_.empty())
    timer_.cancel();
}

void event_hub::refresh() {
  try {
    const auto version = source_.version();
    const auto now = steady_now();
    const bool same = sequence_ != 0 && version == version_;
    if (same && now - last_read_ < shared_.options.patience.reread)
      return;
    std::string text;
    append_event(text, source_.name, std::to_string(version), source_.render());
    last_read_ = now;
    if (same && text == latest_)
      return;
    latest_ = std::move(text);
    version_ = version;
    ++sequence_;
    last_told_ = now;
  } catch (...) {
    // The subscribers keep the value they have, and the next look may succeed.
    shared_.options.watcher->log(severity::error, {"http", shared_.options.name},
                                 "the event source '" + source_.name + "' threw: " + words_of_exception());
  }
}

void event_hub::look_again() {
  timer_.expires_after(shared_.options.patience.poll);
  timer_.async_wait([this](error_code error) {
    if (error || subscribers_.empty())
      return;
    const auto before = sequence_;
    refresh();
    const auto now = steady_now();
    const bool beat = sequence_ == before && now - last_told_ >= shared_.options.patience.heartbeat;
    if (beat) {
      ++beats_;
      last_told_ = now;
    }
    look_again();
    if (sequence_ == before && !beat)
      return;
    // A subscriber that ends here leaves the list, and lives until the next turn of the loop.
    const auto all = subscribers_;
    for (auto* const each : all)
      each->signal();
  });
}

} // namespace troupe::http
