#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::kafka {

/// What an error of librdkafka's or the broker's means to us. The one place where they are told apart.
errc to_errc(rd_kafka_resp_err_t code) noexcept;

/// The same with its name and words, "TOPIC_AUTHORIZATION_FAILED: Broker: Topic authorization failed (to foo-topic)", and
/// with what to do about it where they do not tell.
failure to_failure(rd_kafka_resp_err_t code, std::string_view detail = {});
failure to_failure(const rd_kafka_error_t* what);

/// Whether the error says that the credentials are wrong, so that newer ones may help.
bool blames_credentials(rd_kafka_resp_err_t code) noexcept;

} // namespace troupe::kafka
