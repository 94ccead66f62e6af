#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/render.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/headers.hpp>

namespace troupe::http {

/// What a server answered.
struct http_answer {
  unsigned status = 0;
  std::string content_type;
  std::string missing; ///< the values of `troupe-missing`, joined by commas
  std::string body;
  persistence wish = persistence::close; ///< whether the server keeps the connection
  header_list metadata;                  ///< of `Grpc-Metadata-NAME`, by the names in lower case
};

/// Whether an answer may have a body: that to a HEAD says the length of one that does not follow.
enum class answer_body : std::uint8_t { possible, none };

/// Takes one answer from a stream of bytes, by Boost.Beast's parser. Interim answers (1xx) are skipped.
class answer_reader {
public:
  explicit answer_reader(const answer_limits& bounds = {});
  ~answer_reader();
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;

  enum class progress : std::uint8_t {
    complete,
    need_more,
    failed, ///< see `why`: nothing after it can be understood
  };

  /// Forgets the last answer.
  void begin(answer_body expected = answer_body::possible);

  progress feed(std::string_view bytes);

  /// The stream has ended, which completes an answer without a length and cuts off any other.
  progress finish();

  /// Whether a byte of the answer has been seen.
  [[nodiscard]] bool begun() const noexcept;

  /// Whether bytes came after the complete answer, which no server may send.
  [[nodiscard]] bool surplus() const noexcept;

  /// The complete answer, once.
  [[nodiscard]] http_answer take();

  /// In words.
  [[nodiscard]] const std::string& why() const noexcept;

private:
  class memory;
  std::unique_ptr<memory> memory_;
};

/// Reads a complete answer, which ended with its connection. Fails with `undecodable`.
expected<http_answer> parse_answer(std::string_view bytes);

} // namespace troupe::http
