#define CAF_SUITE embedded_stream
#include "embedded_transport.hpp"

#define TROUPE_TRANSPORT troupe::contract::embedded_stream
#include "../transport_suite.hpp"
