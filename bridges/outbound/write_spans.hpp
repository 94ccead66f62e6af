#pragma once

#include <string_view>
#include <vector>

#include <troupe/messages/values/document.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::outbound {

/// The spans of one write, by OpenTelemetry's conventions for databases: one below each trace on whose behalf the store
/// writes, so that a trace shows its write also where the store writes documents of several at once. None, and no cost,
/// where no trace is recorded.
class write_spans {
public:
  write_spans() = default;
  /// `system` is the database's name in the conventions, `service` the service that does the work.
  write_spans(const observer_ptr& watcher, std::string_view system, const write_documents& write, std::string_view service);

  [[nodiscard]] bool empty() const noexcept { return each_.empty(); }

  /// What became of the write, once.
  void end(const failure& why);
  void end(const written& done);

private:
  std::vector<span> each_; ///< at most `most_links`
};

} // namespace troupe::outbound
