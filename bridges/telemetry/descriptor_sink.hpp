#pragma once

#include <cstdint>
#include <string_view>

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

namespace troupe::telemetry {

/// Writes each line to a file descriptor that it does not own. A line that cannot be written is a `spdlog::spdlog_ex`,
/// which spdlog's own sinks for stdout ignore. Waits as long as the reader takes nothing. One thread at a time, which
/// blocks SIGPIPE, so that a reader that has gone is an error like any other.
class descriptor_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  explicit descriptor_sink(int descriptor) : descriptor_(descriptor) {}

private:
  /// Where the last write left the output.
  enum class position : std::uint8_t { line_begin, mid_line };

  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}
  void write_all(std::string_view bytes);
  void wait_until_writable() const;

  int descriptor_;
  position position_ = position::line_begin;
};

} // namespace troupe::telemetry
