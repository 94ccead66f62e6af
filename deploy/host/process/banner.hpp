#pragma once

#include <string>

#include <troupe/deploy/host/topology/settings.hpp>

namespace troupe::host {

/// What a terminal shows at the start: the addresses, the services and the data file. The addresses are those that are
/// bound; `grpc` is empty where it is not served; `taken` says how many connections are.
std::string banner(const configuration& config, const extension& program, const std::string& http, const std::string& grpc,
                   const std::string& admin, const std::string& data_file, const std::string& taken);

} // namespace troupe::host
