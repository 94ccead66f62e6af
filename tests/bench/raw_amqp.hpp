#pragma once

#include <cstdint>
#include <memory>
#include <string>

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

  /// Consumes so many, and acknowledges every `ack_batch` with one word.
  void consume(const std::string& queue, std::uint64_t count, std::uint16_t prefetch, std::uint64_t ack_batch);

private:
  class connection;
  std::unique_ptr<connection> connection_;
};

} // namespace troupe::bench
