#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/bridges/telemetry/codec.hpp>
#include <troupe/bridges/telemetry/config.hpp>

namespace troupe::telemetry {

/// Which of the kept lines are wanted. Empty texts want all.
struct log_wish {
  std::uint64_t after = 0;            ///< only lines with a greater number
  std::string service;                ///< of this service
  std::string trace;                  ///< of this trace: 32 hexadecimal digits
  log_level level = log_level::trace; ///< from this level on
  std::size_t limit = 500;            ///< at most so many
};

/// The last lines of the log of this process, within bounds of their number and bytes. A text that is not to be shown
/// (`log_text::payload`) is not kept. Any thread.
class kept_log {
public:
  explicit kept_log(const log_retention_config& config) : config_(config) {}

  void add(const log_entry& entry);

  /// The lines that are wanted, oldest first, as a JSON object whose member `lines` has of each its number, time, level,
  /// service, actor, message, trace and span, and whose member `next` is what `after` is when the following lines are asked
  /// for. A number that is yet to come is of an earlier process, and wants all.
  [[nodiscard]] std::string list(const log_wish& wish) const;

private:
  struct line {
    std::uint64_t number;
    timestamp at;
    severity level;
    std::string service;
    std::string actor;
    std::string message;
    std::string trace;
    std::string span;

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool is_wanted(const log_wish& wish) const noexcept;
    void append_to(std::string& out) const;
  };

  using lines = std::vector<std::shared_ptr<const line>>;
  [[nodiscard]] std::pair<lines, std::uint64_t> wanted(log_wish wish) const;

  const log_retention_config config_;
  mutable std::mutex guard_;
  std::deque<std::shared_ptr<const line>> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0; // the number of the latest line
};

} // namespace troupe::telemetry
