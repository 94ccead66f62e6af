#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/bridges/http/engine/asio.hpp>
#include <troupe/bridges/http/route.hpp>

namespace troupe::http {

class connection;
struct shared_state;

/// Sends an event source's changes to the subscribers of one I/O thread. Looks at the source only while it has some. A
/// subscriber that is behind gets the latest value and misses those between.
class event_hub {
public:
  event_hub(asio::io_context& io, const event_source& source, shared_state& shared);

  /// A connection's place among the subscribers, where there was room for one.
  class membership {
  public:
    membership(event_hub& hub, connection& who) : hub_(hub), who_(who), joined_(hub.join(who)) {}
    ~membership() {
      if (joined_)
        hub_.leave(who_);
    }
    membership(const membership&) = delete;
    membership& operator=(const membership&) = delete;

    [[nodiscard]] bool joined() const noexcept { return joined_; }

  private:
    event_hub& hub_;
    connection& who_;
    bool joined_;
  };

  /// Grows with every change of `latest`; 0 before the first.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }

  /// The event, as it goes over the wire.
  [[nodiscard]] const std::string& latest() const noexcept { return latest_; }

  /// Grows with every heartbeat that is due.
  [[nodiscard]] std::uint64_t beats() const noexcept { return beats_; }

private:
  bool join(connection& who);
  void leave(connection& who);
  void refresh();
  void look_again();

  io_timer timer_;
  const event_source& source_;
  shared_state& shared_;
  std::vector<connection*> subscribers_;
  std::uint64_t sequence_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t beats_ = 0;
  instant last_told_;
  instant last_read_;
  std::string latest_;
};

} // namespace troupe::http
