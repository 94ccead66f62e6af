#define CAF_SUITE kafka_topic
#include "kafka_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::kafka_topic
#include "../transport_suite.hpp"
