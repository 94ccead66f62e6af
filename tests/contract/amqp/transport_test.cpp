#include "../transport_suite.hpp"
#include "amqp_transport.hpp"

namespace troupe::contract {

namespace {

const bool quorum = add_transport_suite<amqp_quorum>("amqp_quorum");
const bool reference = add_transport_suite<amqp_reference>("amqp_reference");

} // namespace

} // namespace troupe::contract
