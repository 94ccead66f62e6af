#include "../transport_suite.hpp"
#include "kafka_transport.hpp"

namespace troupe::contract {

namespace {

const bool partitions = add_transport_suite<kafka_partitions>("kafka_partitions");
const bool topic = add_transport_suite<kafka_topic>("kafka_topic");

} // namespace

} // namespace troupe::contract
