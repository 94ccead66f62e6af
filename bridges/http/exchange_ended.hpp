#pragma once

#include <cstdint>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::http {

/// The end of one request of a client, on its way from the I/O thread to the client's actor.
struct exchange_ended {
  std::uint64_t serial;
  expected<http_answer> outcome;
};

} // namespace troupe::http

CAF_BEGIN_TYPE_ID_BLOCK(troupe_http, ::troupe::type_ids::http)

CAF_ADD_TYPE_ID(troupe_http, (troupe::http::exchange_ended))

CAF_END_TYPE_ID_BLOCK(troupe_http)

static_assert(caf::id_block::troupe_http::end <= troupe::type_ids::grpc);

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::http::exchange_ended)

namespace troupe::http {

/// Registers the type above before main, so that no program has to name it.
inline const bool exchange_ended_registered = (caf::init_global_meta_objects<caf::id_block::troupe_http>(), true);

} // namespace troupe::http
