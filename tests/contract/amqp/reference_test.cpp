#define CAF_SUITE amqp_reference
#include "amqp_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::amqp_reference
#include "../transport_suite.hpp"
