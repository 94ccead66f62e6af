#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// The callbacks of a client. Errors and statistics come on the thread that polls the client, log lines on any.
class client_listener {
public:
  virtual ~client_listener() = default;
  virtual void error(rd_kafka_resp_err_t code, std::string_view words) noexcept = 0;
  virtual void statistics(std::string_view json) noexcept = 0;
  virtual void log(int syslog_level, std::string_view facility, std::string_view words) noexcept = 0;
};

/// A client's configuration: the connection's properties, overridden by those of `role`, and both by the connection's
/// additional ones. Its opaque is `listener`, which must outlive the client. Fails with `invalid` and the name of the wrong
/// property.
expected<conf_handle> make_conf(const connection& to, const access& where, const property_list& role,
                                client_listener& listener);

/// The properties of a producer and of a consumer.
property_list producer_properties(const publisher_config& config);
property_list consumer_properties(const subscription& config);
property_list transaction_properties(const transaction_config& config);

/// The time left for a blocking call of librdkafka, which must be at least 1 ms.
inline int milliseconds_until(instant until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 1));
}

/// Makes a client. Fails with `invalid` and librdkafka's error text, which names a file that cannot be read.
expected<client_handle> make_client(rd_kafka_type_t kind, conf_handle conf);

} // namespace troupe::kafka
