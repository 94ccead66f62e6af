#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/kafka/config.hpp>
#include <troupe/bridges/kafka/handles.hpp>
#include <troupe/bridges/kafka/properties.hpp>

namespace troupe::kafka {

/// What a client says beside its answers. Errors and statistics come on the thread that polls the client, log lines on any.
class client_listener {
public:
  virtual ~client_listener() = default;
  virtual void error(rd_kafka_resp_err_t code, std::string_view words) noexcept = 0;
  virtual void statistics(std::string_view json) noexcept = 0;
  virtual void log(int syslog_level, std::string_view facility, std::string_view words) noexcept = 0;
};

/// A configuration for a client: the connection's, `role` on top, the author's properties on top of both. Its opaque is
/// `listener`, which must outlive the client. Fails with `invalid` and the name of the property that is wrong.
expected<conf_handle> make_conf(const connection& to, const access& where, const property_list& role,
                                client_listener& listener);

/// The properties of a producer and of a consumer.
property_list producer_properties(const publisher_config& config);
property_list consumer_properties(const subscription& config);
property_list transaction_properties(const transaction_config& config);

/// Makes a client. Fails with `invalid` and librdkafka's words, which name a file that cannot be read.
expected<client_handle> make_client(rd_kafka_type_t kind, conf_handle conf);

} // namespace troupe::kafka
