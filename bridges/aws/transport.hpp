#pragma once

#include <memory>
#include <string>

#include <troupe/bridges/aws/codec.hpp>

namespace troupe::aws {

struct transport_config {
  std::string region;
  std::string authorities; ///< empty: those that the system trusts
  duration connect;
};

/// Carries requests over HTTP, signed as they want it. One thread exchanges, one request at a time; another may interrupt.
class transport {
public:
  /// Throws `std::runtime_error` when libcurl cannot be used.
  explicit transport(transport_config config);
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Sends and waits for the answer, until `until` at most. Whatever its status, an answer is a success. Fails with
  /// `unavailable` when none came, `not_sent` when the other end is not to be trusted, `undecodable` when it is larger than
  /// 1 MiB and `shutting_down` once it was interrupted. Redirects are answers.
  expected<http_response> exchange(const request& outgoing, instant until);

  /// Ends the exchange that is under way, and every later one at once. Any thread.
  void interrupt() noexcept;

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace troupe::aws
