#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/health.hpp>
#include <troupe/bridges/http/listener.hpp>
#include <troupe/messages/ports/administration.hpp>
#include <troupe/messages/values/supervision_tree.hpp>

namespace troupe::http {

/// What the administration asks of the rest of the process. The functions run on its I/O thread and so never block.
struct administration_ports {
  std::function<supervision_tree()> tree;
  std::function<std::uint64_t()> tree_version; ///< another number whenever the tree differs; asked 4 times a second, and
                                               ///< only while somebody subscribes to the tree
  std::function<health_report()> liveness;     ///< as the edge's, and so at hand when that one is full
  std::function<health_report()> readiness;
  dead_letters_actor dead_letters;                               ///< null: no routes of dead letters
  std::function<std::string()> log_level;                        ///< null: no route of the log level
  std::function<expected<void>(std::string_view)> set_log_level; ///< `invalid` for a name that is none
  std::vector<route> routes;                                     ///< further ones
  observer_ptr watcher = silent_observer();
  wall_clock clock = system_now;
};

/// The listener for the operator: supervision tree, dead letters and probes. No foreign web page can use it: the Host
/// must be one of its names or the token must be there, a request from a page of another origin is refused, there is no
/// CORS, and what changes something must be sent as `application/json`, which such a page cannot without CORS. Probes are
/// answered for every client, as at the edge. The files of a page (`page.hpp`) are answered without the token, under names
/// of its own.
class administration {
public:
  /// As `edge::listen`.
  static expected<std::unique_ptr<administration>> listen(const administration_config& config, administration_ports ports);

  [[nodiscard]] endpoint local() const { return listener_->local(); }
  [[nodiscard]] bool accepting() const noexcept { return listener_->accepting(); }
  void stop_accepting() { listener_->stop_accepting(); }
  bool drain(duration at_most) { return listener_->drain(at_most); }

private:
  explicit administration(std::unique_ptr<listener> body) : listener_(std::move(body)) {}

  std::unique_ptr<listener> listener_;
};

} // namespace troupe::http
