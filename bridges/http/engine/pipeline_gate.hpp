#pragma once

#include <cstddef>
#include <deque>

#include <troupe/bridges/http/engine/asio.hpp>

namespace troupe::http {

class connection;

/// Gives turns to requests that were sent before the answer to the one before them could be read. They are a part of all
/// slots, and others wait for them in line: so clients that do not wait leave slots to those that do. For one I/O thread.
class pipeline_gate {
public:
  pipeline_gate(asio::io_context& io, std::size_t turns) : io_(io), turns_(turns) {}

  /// A request's turn. One that is not granted yet is in line, and its connection is signalled when it gets it.
  class turn {
  public:
    turn(pipeline_gate& at, connection& who);
    ~turn();
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

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
  const std::size_t turns_;
  std::size_t taken_ = 0;
  std::deque<turn*> line_;
};

} // namespace troupe::http
