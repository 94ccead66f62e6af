#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/config.hpp>

namespace troupe::amqp {

/// A durable exchange.
struct exchange_wish {
  std::string name;
  std::string type = "direct"; ///< of the broker: direct, topic, fanout, headers
};

/// Routes messages of the exchange with this routing key to the queue.
struct binding_wish {
  std::string exchange;
  std::string queue;
  std::string routing_key;
};

/// The queues, exchanges and bindings that must exist.
struct wish_list {
  std::vector<queue> queues;
  std::vector<exchange_wish> exchanges;
  std::vector<binding_wish> bindings;
};

/// One difference between the wishes and the broker.
struct difference {
  enum class remedy_kind : std::uint8_t {
    apply,  ///< create what is missing
    report, ///< report it: to change or delete what exists is an operator's decision
  };

  remedy_kind remedy = remedy_kind::report;
  std::string text; ///< for an operator: "create the queue service-d (durable=true, x-queue-type=quorum)"
};

/// The broker's answer for one queue or exchange.
struct finding {
  enum class state : std::uint8_t { missing, same, other };

  state is = state::missing;
  std::string words; ///< the broker's, for `other`
};

/// The findings, in the order of the wishes.
struct finding_list {
  std::vector<finding> queues;
  std::vector<finding> exchanges;
};

/// The differences, in the order of the wishes. AMQP cannot query a binding: it is a difference if its queue or its exchange
/// is missing. Pure.
std::vector<difference> compare(const wish_list& wished, const finding_list& found);

/// Queries a broker and changes it. Each call blocks its thread, at most for `within`. One thread at a time.
class administrator {
public:
  /// Fails with the access, with `invalid` for an invalid configuration, or with the broker's refusal.
  static expected<administrator> connect(connection to, duration within);

  administrator(administrator&&) noexcept;
  administrator& operator=(administrator&&) noexcept;
  ~administrator();

  /// Creates nothing.
  expected<finding_list> look(const wish_list& wished);

  /// Creates what is missing. What exists stays unchanged, whatever its properties. Bindings are made again.
  expected<void> create(const wish_list& wished);

private:
  class client;
  explicit administrator(std::unique_ptr<client> made);

  std::unique_ptr<client> client_;
};

} // namespace troupe::amqp
