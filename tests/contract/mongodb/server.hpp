#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/bridges/mongodb/handles.hpp>

namespace troupe::contract {

/// The server that this process is given, by connections of its own: to look into it, and to hurt it. One that was killed
/// is begun again by its owner.
class mongodb_server {
public:
  mongodb_server();

  /// How the store under test reaches it.
  [[nodiscard]] mongodb::config config() const;
  [[nodiscard]] mongodb::config with_wrong_password() const;
  [[nodiscard]] mongodb::config with_wrong_authority() const;

  std::int64_t count(const std::string& database, const std::string& collection);
  /// A document as compact relaxed extended JSON.
  std::optional<std::string> find(const std::string& database, const std::string& collection, const std::string& id);
  /// Carries out a command, which must succeed.
  void run(const std::string& database, const std::string& command);
  void drop(const std::string& database);

  void kill();
  void pause();
  void resume();
  void wait_until_usable();

private:
  [[nodiscard]] bool usable();
  pid_t hurt(int signal) const;

  mongodb::uri_handle uri_;
  std::unique_ptr<mongoc_client_t, troupe::c_deleter<mongoc_client_destroy>> client_;
};

} // namespace troupe::contract
