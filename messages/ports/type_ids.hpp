#pragma once

#include <troupe/messages/ports/caf.hpp>

/// Where each block of CAF type ids begins. CAF requires a unique id in the process for every type of a message. A
/// block may have as many ids as there are before the next one. Troupe's messages never leave a process as CAF messages
/// (each bridge has its own codec), so ids may change from one version to the next.
namespace troupe::type_ids {

inline constexpr caf::type_id_t ports = caf::first_custom_type_id;
inline constexpr caf::type_id_t actors = ports + 100;
inline constexpr caf::type_id_t http = actors + 50;
inline constexpr caf::type_id_t grpc = http + 20;
inline constexpr caf::type_id_t authors = ports + 200;

} // namespace troupe::type_ids

namespace troupe {

/// Where an author's block may begin: `CAF_BEGIN_TYPE_ID_BLOCK(mine, ::troupe::first_author_type_id)`.
inline constexpr caf::type_id_t first_author_type_id = type_ids::authors;

} // namespace troupe
