#define CAF_SUITE mongodb_store_contract
#include "mongodb_peer.hpp"

#define TROUPE_STORE troupe::contract::mongodb_peer
#include "../store_suite.hpp"
