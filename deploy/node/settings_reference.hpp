#pragma once

#include <troupe/deploy/node/topology.hpp>

namespace troupe::node {

/// Where `node.reference` names a family of reference platforms, gives every setting that nobody gave the value with which a
/// service of the topology may take the place of one of theirs, and be called by them and call them: the form of queues, of
/// documents and of messages, the gRPC package, whose greeting is kept, and that a call of theirs is repeated only where
/// it was not sent. An address that a file gives for gRPC is asked over HTTP at the port of the HTTP family.
void keep_reference_ways(topology& whole);

} // namespace troupe::node
