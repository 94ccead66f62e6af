#pragma once

#include <string>
#include <string_view>

#include <troupe/deploy/host/topology/diagnostics.hpp>
#include <troupe/deploy/host/topology/extension.hpp>
#include <troupe/deploy/host/topology/topology.hpp>

namespace troupe::host {

/// Adds the parts of a file to `into`, and every mistake of form to `found` (unknown and duplicate keys, wrong types,
/// values that are out of range); what could be read is taken all the same, so that one mistake hides no other. `file` names
/// it in places.
///
/// Several files make one topology: names of services, of streams and of queues must be distinct, and each setting of the
/// process be given in one file only; a mistake names both places. What names refer to is the business of `validate`.
void read_topology(const std::string& file, std::string_view text, const extension& program, topology& into,
                   diagnostics& found);

} // namespace troupe::host
