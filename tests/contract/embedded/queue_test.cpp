#define CAF_SUITE embedded_queue
#include "embedded_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::embedded_queue
#include "../transport_suite.hpp"
