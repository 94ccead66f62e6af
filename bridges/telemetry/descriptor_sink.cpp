#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include <spdlog/common.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>

#include <troupe/bridges/telemetry/descriptor_sink.hpp>

namespace troupe::telemetry {

void descriptor_sink::sink_it_(const spdlog::details::log_msg& message) {
  // A full disk may have taken half a line: the next one must not be glued to it.
  if (position_ == position::mid_line)
    write_all("\n");
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  write_all({formatted.data(), formatted.size()});
}

void descriptor_sink::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written > 0) {
      position_ = bytes[static_cast<std::size_t>(written) - 1] == '\n' ? position::line_begin : position::mid_line;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      wait_until_writable();
    } else if (written < 0 && errno != EINTR) {
      throw spdlog::spdlog_ex("write", errno);
    }
  }
}

// Another process that shares the descriptor may have made it non-blocking.
void descriptor_sink::wait_until_writable() const {
  pollfd wanted{descriptor_, POLLOUT, 0};
  while (::poll(&wanted, 1, -1) < 0)
    if (errno != EINTR)
      throw spdlog::spdlog_ex("poll", errno);
}

} // namespace troupe::telemetry
