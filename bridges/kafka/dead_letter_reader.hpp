#pragma once

#include <functional>
#include <string>

#include <troupe/bridges/kafka/client_conf.hpp>
#include <troupe/bridges/kafka/codec.hpp>
#include <troupe/bridges/kafka/handles.hpp>

namespace troupe::kafka {

/// Reads dead-letter topics outside any group. Each call blocks its thread; one thread at a time.
class dead_letter_reader {
public:
  /// `listener` must outlive the reader.
  static expected<dead_letter_reader> connect(const connection& to, const access& where, client_listener& listener);

  /// The number of the topic's partitions; zero where it does not exist. Fails as the brokers do.
  expected<std::int32_t> partitions(const std::string& topic, instant until);

  /// Whether to read on after a record.
  enum class next : std::uint8_t { go_on, stop };

  /// Calls `show` with every committed record of a partition that is present now, from an offset on.
  expected<void> read(const std::string& topic, std::int32_t partition, std::int64_t from, instant until,
                      const std::function<next(const record_view&)>& show);

private:
  explicit dead_letter_reader(client_handle made) : client_(std::move(made)) {}

  client_handle client_;
};

} // namespace troupe::kafka
