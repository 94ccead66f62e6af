#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::inbound {

/// The spans of a source: of each delivery that is handed out, of the delays between, of dead letters and of retries that
/// wait elsewhere. A message that is set aside keeps the trace with which it came. One thread at a time.
class source_spans {
public:
  source_spans(std::string system, const spawn_context& context);

  /// A batch goes to the handler, whose deliveries go on below their spans.
  void handed_out(hand_out& out, instant now);
  void answered(std::uint64_t batch, const replies& answer, instant now);
  void failed(std::uint64_t batch, const failure& why, instant now);

  /// A message is set aside; the publisher makes no span of its own.
  void letter_begins(std::uint64_t ticket, const dead_letter& letter, message& sent);
  void retry_begins(std::uint64_t ticket, message& sent, const std::string& to);
  void published(std::uint64_t ticket, const expected<void>& outcome);

private:
  using position = std::tuple<std::string, std::int32_t, std::int64_t>;
  struct handled {
    std::size_t at = 0; ///< in the batch
    position which;
    trace_context came_with;
    span work;
  };
  struct delayed {
    trace_context trace;
    instant since;
  };

  static constexpr std::size_t most_delayed = 1000; ///< beyond, a delay has no span

  void wait_begins(const handled& one, instant now);
  void wait_ends(const delivery& one, instant now);
  span& describe(span& work, const std::string& operation, const origin& from, const message& content);

  const std::string system_;
  const observer_ptr watcher_;
  const std::string service_;
  std::map<std::uint64_t, std::vector<handled>> handled_; ///< by batch
  std::map<std::uint64_t, span> publishing_;              ///< by ticket
  std::map<position, delayed> delayed_;
};

} // namespace troupe::inbound
