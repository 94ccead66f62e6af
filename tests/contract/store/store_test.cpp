#define CAF_SUITE sqlite_store_contract
#include "sqlite_peer.hpp"

#define TROUPE_STORE troupe::contract::sqlite_peer
#include "../store_suite.hpp"
