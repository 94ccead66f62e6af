#pragma once

#include <cstddef>
#include <deque>

#include <troupe/bridges/http/engine/asio.hpp>

namespace troupe::http {

class connection;

/// Gives places to requests that were sent before the answer to the one before them could be read. They are a part of all
/// slots, and others wait for them in line: so clients who do not wait leave slots to those who do. For one I/O thread.
class pipeline_gate {
public:
  pipeline_gate(asio::io_context& io, std::size_t places) : io_(io), places_(places) {}

  /// A request's place. One that has none yet is in line, and its connection is signalled when it gets it.
  class place {
  public:
    place(pipeline_gate& at, connection& who);
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    [[nodiscard]] bool granted() const noexcept { return granted_; }

  private:
    friend class pipeline_gate;

    pipeline_gate& gate_;
    connection& who_;
    bool granted_ = false;
  };

private:
  void grant();

  asio::io_context& io_;
  const std::size_t places_;
  std::size_t taken_ = 0;
  std::deque<place*> line_;
};

} // namespace troupe::http
