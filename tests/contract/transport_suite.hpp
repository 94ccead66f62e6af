#pragma once

#include <memory>

#include "transport.hpp"

namespace troupe::contract {

using make_transport = std::unique_ptr<transport> (*)();

/// Adds what every transport must do to the program's tests, as a suite of that name. Each test has a transport of its own.
/// To be called before `main`.
bool add_transport_suite(const char* name, make_transport make);

template <class Transport>
bool add_transport_suite(const char* name) {
  return add_transport_suite(name, [] { return std::unique_ptr<transport>{std::make_unique<Transport>()}; });
}

} // namespace troupe::contract
