#include "../transport_suite.hpp"
#include "embedded_transport.hpp"

namespace troupe::contract {

namespace {

const bool partitions = add_transport_suite<embedded_partitions>("embedded_partitions");
const bool queue = add_transport_suite<embedded_queue>("embedded_queue");
const bool stream = add_transport_suite<embedded_stream>("embedded_stream");

} // namespace

} // namespace troupe::contract
