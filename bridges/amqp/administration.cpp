#include <troupe/bridges/amqp/administration.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/amqp/session.hpp>
#include <troupe/bridges/amqp/socket_interrupter.hpp>

namespace troupe::amqp {

class administrator::client {
public:
  explicit client(std::unique_ptr<socket_interrupter> on, session made) : line(std::move(on)), broker(std::move(made)) {}

  /// Whether it is there, and if so whether it is as `declare` would make it.
  template <class Expect, class Declare>
  expected<finding> look(Expect expect, Declare declare) {
    if (const auto there = expect(); there.has_error()) {
      if (there.error().code != errc::not_found)
        return there.error();
      if (const auto again = broker.reopen_channel(); again.has_error())
        return again.error();
      return finding{};
    }
    if (const auto same = declare(); same.has_error()) {
      if (same.error().code != errc::conflict)
        return same.error();
      if (const auto again = broker.reopen_channel(); again.has_error())
        return again.error();
      return finding{finding::state::other, same.error().reason};
    }
    return finding{finding::state::same, {}};
  }

  /// Leaves what is there with other properties as it is.
  expected<void> unless_other(const expected<void>& done) {
    if (done.has_value() || done.error().code != errc::conflict)
      return done;
    return broker.reopen_channel();
  }

  std::unique_ptr<socket_interrupter> line; ///< outlives the session
  session broker;
};

administrator::administrator(std::unique_ptr<client> made) : client_(std::move(made)) {}
administrator::administrator(administrator&&) noexcept = default;
administrator& administrator::operator=(administrator&&) noexcept = default;
administrator::~administrator() {
  if (client_)
    client_->broker.close();
}

expected<administrator> administrator::connect(connection to, duration within) {
  if (const auto mistakes = validate(to); !mistakes.empty())
    return failure{errc::invalid, mistakes.front()};
  const auto where = to.where(freshness::cached);
  if (where.has_error())
    return where.error();
  to.reached_within = std::min(to.reached_within, within);
  failure last{errc::invalid, "no host is told"};
  for (const auto& each : where->hosts) {
    auto line = std::make_unique<socket_interrupter>();
    auto made = session::open(to, *where, each, *line);
    if (made.has_value())
      return administrator{std::make_unique<client>(std::move(line), std::move(*made))};
    last = made.error();
  }
  return last;
}

expected<finding_list> administrator::look(const wish_list& wished) {
  finding_list result;
  auto& broker = client_->broker;
  for (const auto& each : wished.queues) {
    auto found = client_->look([&] { return broker.expect_queue(each.name); }, [&] { return broker.declare(each); });
    if (found.has_error())
      return found.error();
    result.queues.push_back(std::move(*found));
  }
  for (const auto& each : wished.exchanges) {
    auto found = client_->look([&] { return broker.expect_exchange(each.name); },
                               [&] { return broker.declare_exchange(each.name, each.type); });
    if (found.has_error())
      return found.error();
    result.exchanges.push_back(std::move(*found));
  }
  return result;
}

expected<void> administrator::create(const wish_list& wished) {
  auto& broker = client_->broker;
  for (const auto& each : wished.queues)
    if (auto done = client_->unless_other(broker.declare(each)); done.has_error())
      return done;
  for (const auto& each : wished.exchanges)
    if (auto done = client_->unless_other(broker.declare_exchange(each.name, each.type)); done.has_error())
      return done;
  for (const auto& each : wished.bindings)
    if (auto done = broker.bind(each.queue, each.exchange, each.routing_key); done.has_error())
      return done;
  return {};
}

} // namespace troupe::amqp
