#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <troupe/actors/runtime/link_watch.hpp>
#include <troupe/bridges/mongodb/config.hpp>
#include <troupe/bridges/mongodb/handles.hpp>
#include <troupe/messages/values/document.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::mongodb {

/// The connections to the servers: opened on first use, and again when a renewed access differs. The only part that uses
/// them. Any thread, which it blocks for as long as the configuration's times allow.
class session {
public:
  session(config settings, std::shared_ptr<link_watch> link, std::uint64_t seed);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Returns the outcome of each document, or a transient error when no outcome is certain.
  expected<written> write(const std::vector<document>& batch);

  /// Checks whether a server answers and accepts the credentials; sets the link.
  void check();

  /// Ends the connections that are not in use.
  void close();

private:
  class connections;
  using connections_ptr = std::shared_ptr<connections>;

  expected<connections_ptr> get();
  [[nodiscard]] bool renew(const connections_ptr& refused);
  expected<connections_ptr> open(const access& where);
  expected<written> write_over(connections& over, const std::vector<document>& documents) const;

  const config config_;
  const std::shared_ptr<link_watch> link_;
  std::mutex guard_;
  connections_ptr current_; // below guard_, as what follows
  secret uri_;              ///< that it was made of
  policies::backoff renewal_backoff_;
  std::optional<instant> no_renewal_before_;
  failure last_trouble_; ///< why there are no connections
};

} // namespace troupe::mongodb
