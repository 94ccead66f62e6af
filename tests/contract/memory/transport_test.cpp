#include "../transport_suite.hpp"
#include "memory_transport.hpp"

namespace troupe::contract {

namespace {

const bool partitions = add_transport_suite<memory_partitions>("memory_partitions");
const bool queue = add_transport_suite<memory_queue>("memory_queue");
const bool stream = add_transport_suite<memory_stream>("memory_stream");

} // namespace

} // namespace troupe::contract
