#include <troupe/bridges/amqp/preparing.hpp>

#include <string_view>

namespace troupe::amqp {

namespace {

expected<void> make(session& on, const queue& what, declaring how) {
  if (how == declaring::expect)
    return on.expect_queue(what.name);
  auto done = on.declare(what);
  if (done.has_value() || done.error().code != errc::conflict || what.kind != queue_kind::letters)
    return done;
  return on.reopen_channel(); // it is there, and is used as it is
}

} // namespace

std::string_view remedy_of(const queue& what, std::string_view words) noexcept {
  const auto says = [words](std::string_view text) { return words.find(text) != std::string_view::npos; };
  if (!says("inequivalent arg"))
    return {};
  if (what.kind == queue_kind::quorum && says("'durable'"))
    return "; if it is the queue of a reference platform, say 'compatibility: reference' for it in the topology";
  if (what.kind == queue_kind::reference)
    return "; if it is no queue of a reference platform, say 'compatibility: troupe' for it in the topology";
  return "; to use it as it is, say 'declared-by: operators' for it in the topology; or delete it when it is empty, and it "
         "is "
         "made anew";
}

expected<void> prepare(session& on, const std::vector<queue>& queues, declaring how) {
  for (const auto& each : queues) {
    auto done = make(on, each, how);
    if (done.has_value())
      continue;
    auto why = done.error();
    if (how == declaring::declare)
      why.reason.append("; we declare ").append(properties_text(each)).append(remedy_of(each, done.error().reason));
    return why;
  }
  return {};
}

} // namespace troupe::amqp
