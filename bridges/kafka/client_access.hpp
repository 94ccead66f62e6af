#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>

#include <troupe/bridges/kafka/client_watch.hpp>
#include <troupe/policies/backoff.hpp>

namespace troupe::kafka {

/// Makes the clients of one thread: waits for the access to the cluster, and takes up renewed credentials and TLS files.
class client_access {
public:
  /// `make` makes a client and starts no work. `watch` and what `make` refers to must outlive it.
  using make_function = std::function<expected<client_handle>(const access&)>;
  client_access(connection to, client_watch& watch, make_function make);

  /// The first client. While the access cannot be read, calls `wait` with the reason and the time of the next attempt;
  /// `wait` returns false to give up. Null when it gave up, or when the watch knows why no client can be made.
  client_handle connect(const std::function<bool(const failure& why, instant until)>& wait);
  /// Another client, to replace the present one. Null when it cannot be made; the watch reports why.
  client_handle next();

  /// Whether TLS keeps the brokers out of reach, and its files have changed since a client read them, and are not being
  /// written any more. A client reads them once, so that another one is needed.
  [[nodiscard]] bool files_changed();
  static constexpr std::string_view files_changed_text = "the TLS files have changed; connecting again with them";

  /// After the brokers refused the credentials: reads them again until a broker can be reached, as often as a backoff
  /// allows, and sets new ones in these clients, whose connections use them at once.
  void renew_credentials(std::initializer_list<rd_kafka_t*> clients);

  [[nodiscard]] const connection& to() const noexcept { return to_; }
  /// The access of the present client.
  [[nodiscard]] const access& where() const noexcept { return where_; }

private:
  expected<client_handle> make(access where);

  const connection to_;
  client_watch& watch_;
  const make_function make_;
  access where_;
  policies::backoff access_backoff_{policies::reconnect_backoff};
  policies::backoff renewal_backoff_{policies::reconnect_backoff};
  std::optional<instant> no_renewal_before_;
  std::size_t files_ = 0; ///< a hash of the files that the client has read
  std::size_t seen_files_ = 0;
  instant next_look_{};
};

} // namespace troupe::kafka
