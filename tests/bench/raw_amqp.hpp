#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::bench {

/// Bare rabbitmq-c on a channel with confirms; gives up on any failure.
class raw_amqp {
public:
  explicit raw_amqp(const std::string& url);
  raw_amqp(const raw_amqp&) = delete;
  raw_amqp& operator=(const raw_amqp&) = delete;
  ~raw_amqp();

  /// A durable quorum queue.
  void declare(const std::string& queue);
  void remove(const std::string& queue);

  /// Publishes persistent messages until all are confirmed, with so many unconfirmed at most.
  void publish(const std::string& queue, std::uint64_t count, const std::string& payload, std::uint64_t window);

  /// Publishes one and waits for its confirm.
  void publish_one(const std::string& queue, const std::string& id, const std::string& payload);

  /// Consumes so many, has each handled, and acknowledges every `ack_batch` with one word.
  using handling = std::function<void(std::string_view id, std::string_view payload)>;
  void consume(const std::string& queue, std::uint64_t count, std::uint16_t prefetch, std::uint64_t ack_batch,
               const handling& handle);

  /// Says good-bye: the broker has done everything when it returns.
  void close();

private:
  void send(const std::string& queue, const std::string& id, const std::string& payload);

  class connection;
  std::unique_ptr<connection> connection_;
};

} // namespace troupe::bench
