#define CAF_SUITE embedded_partitions
#include "embedded_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::embedded_partitions
#include "../transport_suite.hpp"
