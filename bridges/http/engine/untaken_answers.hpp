#pragma once

#include <cstddef>
#include <list>

namespace troupe::http {

class connection;

/// The answers that clients of one I/O thread have not taken. When they are too many bytes together, the client that has
/// been at it longest is cut off. For the I/O thread alone.
class untaken_answers {
public:
  explicit untaken_answers(std::size_t at_most) noexcept : at_most_(at_most) {}

  /// What one connection has to write, for as long as it waits for its client.
  class entry {
  public:
    entry(untaken_answers& all, connection& whose, std::size_t bytes);
    ~entry();
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

  private:
    friend class untaken_answers;

    untaken_answers& all_;
    connection& whose_;
    std::size_t bytes_;
    std::list<entry*>::iterator place_;
    bool cut_off_ = false;
  };

private:
  void make_room();

  const std::size_t at_most_;
  std::size_t bytes_ = 0;
  std::list<entry*> waiting_; // the longest first
};

} // namespace troupe::http
