#include <troupe/bridges/amqp/preparing.hpp>

namespace troupe::amqp {

expected<void> prepare(session& on, const std::vector<queue>& queues, declaring how) {
  for (const auto& each : queues) {
    auto done = how == declaring::declare ? on.declare(each) : on.expect_queue(each.name);
    if (done.has_value())
      continue;
    auto why = done.error();
    if (how == declaring::declare)
      why.reason.append("; we declare ").append(properties_text(each));
    return why;
  }
  return {};
}

} // namespace troupe::amqp
