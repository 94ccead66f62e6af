#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/tls_files.hpp>

namespace boost::asio::ssl {
class context;
} // namespace boost::asio::ssl

namespace troupe::http {

/// The TLS settings of one client, read again when their files have changed. Files that cannot be used leave the settings
/// before them in place. For the I/O thread alone.
class tls_contexts {
public:
  explicit tls_contexts(tls_files files) : files_(std::move(files)) {}

  /// Looks at the files, at most once in `pause` unless there are no settings yet. Fails while there never were usable ones.
  expected<std::shared_ptr<boost::asio::ssl::context>> current(instant now, duration pause);

  /// Grows when other settings are in place: connections with earlier ones are not used again.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  /// Why the files as they are now are not used; `errc::none` when they are.
  [[nodiscard]] const failure& trouble() const noexcept { return trouble_; }

private:
  // What shows that a file is another one: also behind a link that was turned, as Kubernetes does.
  struct print {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t changed = 0;

    friend bool operator==(const print&, const print&) = default;
  };
  using prints = std::array<print, 3>;

  [[nodiscard]] static print look_at(const std::string& path);
  [[nodiscard]] prints look() const;

  tls_files files_;
  prints seen_{};
  instant last_look_{};
  std::uint64_t generation_ = 0;
  std::shared_ptr<boost::asio::ssl::context> context_;
  failure trouble_{errc::none, {}};
};

} // namespace troupe::http
