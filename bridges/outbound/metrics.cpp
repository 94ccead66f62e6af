#include <troupe/bridges/outbound/metrics.hpp>

namespace troupe::outbound {

publisher_metrics::publisher_metrics(const spawn_context& context, const std::string& transport, const label& channel)
  : watcher(context.watcher),
    published(watcher->make_counter("troupe_" + transport + "_published_total", "Messages acknowledged.", {channel})),
    refused(
      watcher->make_counter("troupe_" + transport + "_refused_total", "Messages refused or not acknowledged.", {channel})),
    in_flight(watcher->make_gauge("troupe_" + transport + "_publishing", "Messages that wait for their acknowledgement.",
                                  {channel})) {}

} // namespace troupe::outbound
