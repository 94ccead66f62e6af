#pragma once

#include <cstddef>
#include <string>

#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::host {

/// Lets the process open as many files and connections as the system allows it. Shells and unit files begin with a soft
/// limit of 1024 for the sake of programs that use select(2), which this one does not; see `man systemd.exec`, LimitNOFILE.
void raise_descriptor_limit() noexcept;

/// What the descriptors that the system allows the process are needed for.
struct descriptor_needs {
  std::size_t limit = 0;   ///< RLIMIT_NOFILE
  std::size_t open = 0;    ///< already
  std::size_t bridges = 0; ///< what they may open yet
  std::size_t edge = 0;    ///< connections that are wanted
  bool grpc = false;       ///< whether it is served: it then has as much as the edge, where that is less than is wanted
};

/// How many connections each listener may hold, so that the others, the bridges and what is opened in passing have theirs.
struct descriptor_shares {
  std::size_t edge = 0;
  std::size_t probes = 0; ///< of the edge, beyond those
  std::size_t grpc = 0;   ///< 0: it is not served
  std::size_t administration = 0;

  friend bool operator==(const descriptor_shares&, const descriptor_shares&) = default;
};

/// Fails with `invalid` and the number that is needed where there are too few to serve a client.
expected<descriptor_shares> share_descriptors(const descriptor_needs& needs);

/// "10000 connections at a time", with gRPC's where that is served.
std::string in_words(const descriptor_shares& shares);

/// The note of `check` where the system allows fewer connections than the plan; empty where it allows all.
std::string note_on_descriptors(const process_plan& plan);

/// What the bridges of a plan may open at most: connections to servers outside, and what their libraries open for those.
std::size_t descriptors_of_bridges(const process_plan& plan) noexcept;

/// The needs of this process, as it is now.
descriptor_needs needs_here(const process_plan& plan);

} // namespace troupe::host
