#pragma once

#include <cstdint>
#include <string>

#include <librdkafka/rdkafka.h>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// How many partitions the topic has; zero: it is not there. Asks the brokers, and blocks. Fails as they do.
expected<std::int32_t> partitions_of(rd_kafka_t* client, const std::string& topic, instant until);

} // namespace troupe::kafka
