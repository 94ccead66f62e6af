#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::kafka {

/// The code of an error of librdkafka or a broker. The only place where these are mapped.
errc to_errc(rd_kafka_resp_err_t code) noexcept;

/// The code with the error's name and text, "TOPIC_AUTHORIZATION_FAILED: Broker: Topic authorization failed (to foo-topic)",
/// and with the remedy where the text does not name it.
failure to_failure(rd_kafka_resp_err_t code, std::string_view detail = {});
failure to_failure(const rd_kafka_error_t* error);

/// Whether the error says that the credentials are wrong, so that newer ones may help.
bool blames_credentials(rd_kafka_resp_err_t code) noexcept;

} // namespace troupe::kafka
