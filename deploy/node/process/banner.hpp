#pragma once

#include <string>

#include <troupe/deploy/node/settings.hpp>

namespace troupe::node {

/// What a person at a terminal wants to know first: where it answers, who runs, and where its data is. The
/// addresses are those it really has; `grpc` is empty where it is not served; `taken` says how many connections are.
std::string banner(const configuration& what, const std::string& http, const std::string& grpc, const std::string& admin,
                   const std::string& data_file, const std::string& taken);

} // namespace troupe::node
