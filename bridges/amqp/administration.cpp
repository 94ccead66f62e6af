#include <troupe/bridges/amqp/administration.hpp>

#include <algorithm>
#include <utility>

#include <troupe/bridges/amqp/session.hpp>

namespace troupe::amqp {

class administrator::client {
public:
  explicit client(session made) : broker(std::move(made)) {}

  /// Compares what exists with what `declare` would create; `expect` checks whether it exists.
  template <class Expect, class Declare>
  expected<finding> look(Expect expect, Declare declare) {
    if (const auto there = expect(); there.has_error())
      return unless(errc::not_found, there.error(), {finding::state::missing, {}});
    if (const auto same = declare(); same.has_error())
      return unless(errc::conflict, same.error(), {finding::state::other, same.error().reason});
    return finding{finding::state::same, {}};
  }

  /// Creates it, or leaves it unchanged if it exists with other properties.
  template <class Declare>
  expected<void> create(Declare declare) {
    const auto done = declare();
    if (done.has_value() || done.error().code != errc::conflict)
      return done;
    return broker.reopen_channel();
  }

  session broker;

private:
  // The broker has closed the channel with this error: fatal unless it has the expected code.
  expected<finding> unless(errc wanted, const failure& why, finding found) {
    if (why.code != wanted)
      return why;
    if (const auto again = broker.reopen_channel(); again.has_error())
      return again.error();
    return found;
  }
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
  to.reached_within = std::min(to.reached_within, within);
  auto made = session::open_any(to);
  if (made.has_error())
    return made.error();
  return administrator{std::make_unique<client>(std::move(*made))};
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
    if (auto done = client_->create([&] { return broker.declare(each); }); done.has_error())
      return done;
  for (const auto& each : wished.exchanges)
    if (auto done = client_->create([&] { return broker.declare_exchange(each.name, each.type); }); done.has_error())
      return done;
  for (const auto& each : wished.bindings)
    if (auto done = broker.bind(each.queue, each.exchange, each.routing_key); done.has_error())
      return done;
  return {};
}

} // namespace troupe::amqp
