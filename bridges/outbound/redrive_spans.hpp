#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/message.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::outbound {

/// The spans of messages that go back to where they came from, in the traces with which they came; what is sent back keeps
/// these. One thread.
class redrive_spans {
public:
  redrive_spans(const observer_ptr& watcher, std::string_view system, std::string_view service)
    : watcher_(watcher), system_(system), service_(service) {}

  void begin(std::string_view destination, const std::string& id, const trace_context& trace) {
    if (!trace.valid())
      return;
    span work{watcher_, "redrive", span_kind::producer, trace, service_};
    if (!work.recorded())
      return;
    work.rename("redrive " + std::string{destination})
      .with("messaging.system", system_)
      .with("messaging.operation.name", std::string{"redrive"})
      .with("messaging.operation.type", std::string{"send"})
      .with("messaging.destination.name", std::string{destination})
      .with("messaging.message.id", id_text(id));
    begun_.push_back(std::move(work));
  }

  void fail(const failure& why) {
    for (auto& each : begun_)
      each.fail(why);
  }

private:
  const observer_ptr watcher_;
  const std::string system_;
  const std::string service_;
  std::vector<span> begun_;
};

} // namespace troupe::outbound
