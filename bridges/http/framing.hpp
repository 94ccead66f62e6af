#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/message.hpp>
#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/render.hpp>

namespace troupe::http {

/// Bytes that arrived and were not read yet. Small while idle, grows to its bound under load.
class read_buffer {
public:
  explicit read_buffer(std::size_t at_most) : at_most_(at_most) {}

  [[nodiscard]] std::string_view unread() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }

  /// Whether nothing more can be taken before some of it is read.
  [[nodiscard]] bool full() const noexcept { return end_ - begin_ >= at_most_; }

  /// Room for more, which stays in its place until `commit`. Grows when the last one was used up.
  std::span<char> prepare();

  /// `count` bytes of the prepared room have been filled.
  void commit(std::size_t count) noexcept { end_ += count; }

  /// The first `count` unread bytes have been read.
  void consume(std::size_t count) noexcept { begin_ += count; }

private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t at_most_;
};

/// Takes requests from a stream of bytes, by Boost.Beast's parser and stricter than it where a proxy in front could see
/// another request than we do (RFC 9112, section 11.2). Reuses its memory from request to request.
class request_reader {
public:
  explicit request_reader(const limits& bounds);
  ~request_reader();
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  enum class progress : std::uint8_t {
    complete,  ///< `received` holds a request
    need_more, ///< of header or body
    refused,   ///< see `why`: nothing after it can be understood
  };

  /// Forgets the last request.
  void begin();

  /// Reads as far as one request goes.
  progress feed(read_buffer& from);

  /// Whether a byte of the request has been seen. Empty lines before it are none (RFC 9112, section 2.2).
  [[nodiscard]] bool begun() const noexcept;

  [[nodiscard]] bool header_complete() const noexcept;

  /// Whether the client waits for `100 Continue` before it sends a body.
  [[nodiscard]] bool wants_continue() const noexcept;

  /// The body has been read: the memory of a large one is given back, and nothing is left of it.
  void release_body() noexcept;

  /// What was read: after a refusal, as much as was understood. Views stay valid until `begin`.
  [[nodiscard]] request& received() noexcept;

  /// What the client wishes for the connection.
  [[nodiscard]] persistence wish() const noexcept;

  [[nodiscard]] refusal why() const noexcept;
  [[nodiscard]] const std::string& detail() const noexcept;

private:
  class memory;
  std::unique_ptr<memory> memory_;
};

} // namespace troupe::http
