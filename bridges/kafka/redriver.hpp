#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/letter_number.hpp>
#include <troupe/bridges/kafka/record.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe::kafka {

/// A message on its way back, and where its dead letter stands.
struct redriven_letter {
  letter_place where;
  message content;
  /// The partition that it came from, which is its key's, whatever partitioner its producer has; none: it is not known.
  std::optional<std::int32_t> came_from;
};

/// Sends dead letters of one topic back. Each call blocks its thread. One thread at a time.
class redriver {
public:
  /// Shuts out every redriver of that topic that was made before. `listener` must outlive it.
  static expected<redriver> connect(const connection& to, const access& where, const std::string& topic, instant until,
                                    client_listener& listener);

  /// Publishes the messages to the partitions that they came from, as long as there are these, and the marks to the
  /// dead-letter topic: all of it, or nothing. Fails with `conflict` when a later redriver has shut this one out.
  expected<void> send(const std::vector<redriven_letter>& what, instant until);

private:
  redriver(client_handle made, std::string topic) : client_(std::move(made)), topic_(std::move(topic)) {}

  [[nodiscard]] expected<void> produce(outgoing_record& what, instant until);

  client_handle client_;
  std::string topic_;
};

} // namespace troupe::kafka
