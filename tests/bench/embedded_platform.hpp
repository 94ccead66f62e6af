#pragma once

#include <filesystem>
#include <memory>

#include <troupe/actors/handler.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::bench {

/// A folder that is new, and gone afterwards with what is in it.
class new_folder {
public:
  explicit new_folder(std::filesystem::path path);
  new_folder(const new_folder&) = delete;
  new_folder& operator=(const new_folder&) = delete;
  ~new_folder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// A stream or a queue with its publisher, its subscription and a handler: supervised and measured, on as many workers, as
/// the program has them. Runs from construction until destruction.
class embedded_platform {
public:
  embedded_platform(const std::filesystem::path& folder, embedded::destination_kind kind, actors::delivery_function handle);
  embedded_platform(const embedded_platform&) = delete;
  embedded_platform& operator=(const embedded_platform&) = delete;
  ~embedded_platform();

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] const publisher_actor& publisher() const noexcept { return publisher_; }

  /// Has the subscription make its settlements durable. Nothing may be on its way to the handler.
  void settle();

  /// Messages in the file that nobody has settled.
  [[nodiscard]] std::int64_t unsettled();

private:
  embedded::destination_kind kind_;
  std::shared_ptr<telemetry::telemetry> watcher_;
  sqlite::database_ptr database_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  actors::supervisor tree_;
  publisher_actor publisher_;
  source_actor source_;
};

} // namespace troupe::bench
