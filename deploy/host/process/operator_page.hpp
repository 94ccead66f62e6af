#pragma once

#include <vector>

#include <troupe/bridges/http/page.hpp>

namespace troupe::host {

/// The files of ui/operator: the page of the administration.
std::vector<http::page_file> operator_page();

} // namespace troupe::host
