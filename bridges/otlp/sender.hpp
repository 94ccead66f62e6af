#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/otlp/config.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/span_record.hpp>

namespace troupe::otlp {

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// What the spans' resources say beside the configuration.
struct identity {
  std::string program;
  std::string process; ///< the service that does the work of no other
  std::string version;
  std::string host;
  std::map<std::string, std::string> names; ///< of services that are traced under another name
};

/// Sends spans. One thread.
class sender {
public:
  virtual ~sender() = default;

  /// Returns when the collector has taken them, or with the reason why it has not. Waits no longer than the timeout.
  virtual expected<void> send(std::span<const span_record_ptr> batch) = 0;
};

/// A sender, which connects when it first sends; null in a build that cannot.
std::unique_ptr<sender> make_sender(const config& to, const text_pairs& headers, const identity& of);

} // namespace troupe::otlp
