#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/http/message.hpp>

namespace troupe::http {

/// Which pages of other origins may call, by the Fetch standard's CORS protocol
/// (https://fetch.spec.whatwg.org/#http-cors-protocol). An origin that is listed is named in the answer, and may send
/// credentials; `*` gives all others the wildcard, to which a browser sends none. The opaque origin `null` may be listed,
/// and never sends credentials: every page can have it.
class cors_policy {
public:
  /// See `is_listable_origin`. "*" allows every origin.
  explicit cors_policy(std::vector<std::string> origins);

  [[nodiscard]] bool allows(std::string_view origin) const noexcept;

  /// Appends the header lines of an answer to a request from `origin`, which is empty when the request names none.
  void append_lines(std::string& out, std::string_view origin) const;

private:
  [[nodiscard]] bool lists(std::string_view origin) const noexcept;

  std::vector<std::string> origins_; // without the "*"
  bool every_ = false;
};

/// Whether the request is a preflight and so is answered for every route.
bool is_preflight(const request& incoming) noexcept;

/// The answer to a preflight, to which `append_lines` adds the origin. Requested headers are repeated when they are at most
/// 1 KiB of at most 64 tokens.
response answer_preflight(const cors_policy& policy, const request& incoming);

} // namespace troupe::http
