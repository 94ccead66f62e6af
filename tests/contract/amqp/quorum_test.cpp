#define CAF_SUITE amqp_quorum
#include "amqp_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::amqp_quorum
#include "../transport_suite.hpp"
