#define CAF_SUITE memory_queue
#include "memory_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::memory_queue
#include "../transport_suite.hpp"
