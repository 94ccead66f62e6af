#pragma once

#include <vector>

#include <troupe/bridges/http/page.hpp>

namespace troupe::reference {

/// The files of ui/greeting: the page of the edge.
std::vector<http::page_file> greeting_page();

} // namespace troupe::reference
