#define CAF_SUITE kafka_partitions
#include "kafka_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::kafka_partitions
#include "../transport_suite.hpp"
