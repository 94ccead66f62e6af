#pragma once

#include <cstdint>
#include <memory>

#include <troupe/messages/ports/types.hpp>

namespace troupe::grpc {

class exchange;

/// How a call that a client made has ended, on its way from a thread of gRPC's to the actor that made it.
struct finished_call {
  std::uint64_t number = 0;
  std::shared_ptr<exchange> with; ///< read where `why` is none
  failure why{errc::none, {}};
};

} // namespace troupe::grpc

CAF_BEGIN_TYPE_ID_BLOCK(troupe_grpc, ::troupe::type_ids::grpc)

CAF_ADD_TYPE_ID(troupe_grpc, (troupe::grpc::finished_call))

CAF_END_TYPE_ID_BLOCK(troupe_grpc)

static_assert(caf::id_block::troupe_grpc::end <= troupe::type_ids::authors);

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::grpc::finished_call)

namespace troupe::grpc {

/// Registers the type above before main, so that no program has to name it.
inline const bool finished_call_registered = (caf::init_global_meta_objects<caf::id_block::troupe_grpc>(), true);

} // namespace troupe::grpc
