#define CAF_SUITE memory_stream
#include "memory_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::memory_stream
#include "../transport_suite.hpp"
