#pragma once

#include <functional>
#include <string>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/codec.hpp>
#include <troupe/bridges/kafka/handles.hpp>

namespace troupe::kafka {

/// Reads a topic that somebody else writes, outside any group. Each call blocks its thread. One thread at a time.
class dead_letter_reader {
public:
  /// `listener` must outlive the reader.
  static expected<dead_letter_reader> connect(const connection& to, const access& where, client_listener& listener);

  /// How many partitions the topic has; zero: it is not there. Fails as the brokers do.
  expected<std::int32_t> partitions(const std::string& topic, instant until);

  /// What to do after a record.
  enum class next : std::uint8_t { go_on, stop };

  /// Shows every committed record that is there now in a partition, from an offset on.
  expected<void> read(const std::string& topic, std::int32_t partition, std::int64_t from, instant until,
                      const std::function<next(const record_view&)>& show);

private:
  explicit dead_letter_reader(client_handle made) : client_(std::move(made)) {}

  client_handle client_;
};

} // namespace troupe::kafka
