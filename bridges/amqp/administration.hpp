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
  std::string type = "direct"; ///< as the broker knows it: direct, topic, fanout, headers
};

/// Messages of that exchange with that routing key shall reach the queue.
struct binding_wish {
  std::string exchange;
  std::string queue;
  std::string routing_key;
};

/// What there shall be.
struct wish_list {
  std::vector<queue> queues;
  std::vector<exchange_wish> exchanges;
  std::vector<binding_wish> bindings;
};

/// One difference between what shall be and what is.
struct difference {
  enum class remedy : std::uint8_t {
    apply, ///< it is made good by creating something
    tell,  ///< it would change or delete what is there: an operator's decision
  };

  remedy what = remedy::tell;
  std::string text; ///< for people: "create the queue service-d (durable=true, x-queue-type=quorum)"
};

/// What the broker said of one queue or exchange that was asked for.
struct finding {
  enum class state : std::uint8_t { missing, same, other };

  state what = state::missing;
  std::string words; ///< the broker's, of `other`
};

/// What the broker has of each wish, in their order.
struct finding_list {
  std::vector<finding> queues;
  std::vector<finding> exchanges;
};

/// What is to be done, in the order of the wishes. A binding cannot be asked for by AMQP: it is a difference where its queue
/// or its exchange is missing. Pure.
std::vector<difference> compare(const wish_list& wished, const finding_list& found);

/// Asks a broker and changes it. Each call blocks its thread, at most for `within`; one thread at a time.
class administrator {
public:
  /// Fails as the access does, with `invalid` for a configuration that is wrong, or as the broker refuses.
  static expected<administrator> connect(connection to, duration within);

  administrator(administrator&&) noexcept;
  administrator& operator=(administrator&&) noexcept;
  ~administrator();

  /// Looks, and creates nothing.
  expected<finding_list> look(const wish_list& wished);

  /// Creates what is not there; what is there already is left as it is, whatever its properties. Bindings are made again.
  expected<void> create(const wish_list& wished);

private:
  class client;
  explicit administrator(std::unique_ptr<client> made);

  std::unique_ptr<client> client_;
};

} // namespace troupe::amqp
