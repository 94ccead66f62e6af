#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <troupe/bridges/aws/secret_source.hpp>

#include "../recording_observer.hpp"
#include "around.hpp"

namespace aws_test {

using namespace troupe;
using namespace std::chrono_literals;

/// Keeps what is logged.
class listening_observer final : public contract::recording_observer {
public:
  [[nodiscard]] bool logs(severity) const noexcept override { return true; }
  void log(severity, const speaker&, std::string_view text, std::source_location) override {
    const std::lock_guard lock{lines_guard_};
    lines_ += std::string{text} + "\n";
  }
  [[nodiscard]] std::string lines() {
    const std::lock_guard lock{lines_guard_};
    return lines_;
  }

private:
  std::mutex lines_guard_;
  std::string lines_;
};

/// A source with keys in made-up surroundings, and who asks it. `configured` and `around` are changed before `start`.
class asking {
public:
  asking() {
    around.variables = {{"AWS_ACCESS_KEY_ID", "AKIDTEST"}, {"AWS_SECRET_ACCESS_KEY", "key-of-the-test"}};
    configured.around = around.surroundings();
    configured.now = [this] { return system_now() + std::chrono::nanoseconds{later.load()}; };
    configured.again.min = std::chrono::milliseconds{5};
    configured.again.max = std::chrono::milliseconds{50};
  }
  ~asking() { stop(); }
  asking(const asking&) = delete;
  asking& operator=(const asking&) = delete;

  void ask_everything_at(const std::string& url) { configured.at = {url, url, url}; }

  void start() {
    source = aws::spawn_secret_source(
      {system, std::make_shared<const std::string>("service-t/secrets"), std::make_shared<vital_signs>(), watcher, 1},
      configured);
  }

  void stop() {
    if (!source)
      return;
    self->send_exit(source, caf::exit_reason::user_shutdown);
    self->wait_for(source);
    source = nullptr;
  }

  /// A request whose answer is waited for by `told_to`.
  auto ask(const std::string& reference, freshness how = freshness::cached, duration within = 20s) {
    if (!source)
      start();
    return self->request(
      source, caf::infinite,
      read_secret{*parse_secret_reference(reference), how, deadline::after(within, std::chrono::steady_clock::now())});
  }

  template <class Asked>
  static expected<secret_value> told_to(Asked&& asked) {
    expected<secret_value> result{failure{}};
    asked.receive([&](secret_value& value) { result = std::move(value); },
                  [&](const caf::error& why) { result = to_failure(why); });
    return result;
  }

  expected<secret_value> read(const std::string& reference, freshness how = freshness::cached, duration within = 20s) {
    return told_to(ask(reference, how, within));
  }

  /// The text of a secret that must be there.
  std::string text(const std::string& reference, freshness how = freshness::cached) {
    const auto value = read(reference, how);
    return value ? value->text.reveal() : "refused: " + to_string(value.error());
  }

  struct system_config : caf::actor_system_config {
    system_config() { set("caf.scheduler.max-threads", 2); }
  };

  made_up around;
  std::atomic<std::int64_t> later{0}; ///< nanoseconds that the civil clock is ahead
  std::shared_ptr<listening_observer> watcher = std::make_shared<listening_observer>();
  aws::config configured;
  system_config settings;
  caf::actor_system system{settings};
  caf::scoped_actor self{system};
  secret_source_actor source;
};

} // namespace aws_test
