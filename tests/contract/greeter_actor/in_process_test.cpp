#define CAF_SUITE greeter_in_process
#include "in_process_peer.hpp"

#define TROUPE_GREETER troupe::contract::in_process_peer
#include "../greeter_suite.hpp"
