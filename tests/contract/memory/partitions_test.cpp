#define CAF_SUITE memory_partitions
#include "memory_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::memory_partitions
#include "../transport_suite.hpp"
