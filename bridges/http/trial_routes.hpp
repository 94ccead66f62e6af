#pragma once

#include <vector>

#include <troupe/bridges/http/route.hpp>

namespace troupe::http {

/// Routes with which a client tries an edge: `/api/health`, which is always alive; `/api/status/{code}`, which answers with
/// that status; `/api/request-echo`, which answers with the request as it arrived. An edge has them where a program adds
/// them to its `edge_ports::routes`.
std::vector<route> trial_routes();

} // namespace troupe::http
