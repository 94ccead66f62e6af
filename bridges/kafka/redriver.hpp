#pragma once

#include <string>
#include <vector>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/letter_number.hpp>
#include <troupe/messages/values/delivery.hpp>

namespace troupe::kafka {

/// A message on its way back, and where its dead letter stands.
struct redriven_letter {
  letter_place where;
  message content;
};

/// Sends dead letters of one topic back. Each call blocks its thread. One thread at a time.
class redriver {
public:
  /// Shuts out every redriver of that topic that was made before. `listener` must outlive it.
  static expected<redriver> connect(const connection& to, const access& where, const std::string& topic, instant until,
                                    client_listener& listener);

  /// Publishes the messages to the topic and the marks to its dead-letter topic: all of it, or nothing. Fails with
  /// `conflict` when a later redriver has shut this one out.
  expected<void> send(const std::vector<redriven_letter>& letters, instant until);

private:
  redriver(client_handle made, std::string topic) : client_(std::move(made)), topic_(std::move(topic)) {}

  [[nodiscard]] expected<void> produce(const std::string& to, const message& what);

  client_handle client_;
  std::string topic_;
};

} // namespace troupe::kafka
