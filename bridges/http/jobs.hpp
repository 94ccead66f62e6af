#pragma once

#include <memory>
#include <variant>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe::http {

class administration_reply;

/// One administrative request on its way from an I/O thread to the keeper of dead letters.
struct dead_letters_job {
  std::variant<list_dead_letters, show_dead_letter, redrive_dead_letters> ask;
  deadline answer_by;
  std::shared_ptr<administration_reply> answer;
};

/// The end of one request of a client, on its way from the I/O thread to the client's actor.
struct exchange_ended {
  std::uint64_t serial;
  expected<http_answer> outcome;
};

} // namespace troupe::http

CAF_BEGIN_TYPE_ID_BLOCK(troupe_http, ::troupe::type_ids::http)

CAF_ADD_TYPE_ID(troupe_http, (troupe::http::dead_letters_job))
CAF_ADD_TYPE_ID(troupe_http, (troupe::http::exchange_ended))

CAF_END_TYPE_ID_BLOCK(troupe_http)

static_assert(caf::id_block::troupe_http::end <= troupe::type_ids::grpc);

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::http::dead_letters_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::http::exchange_ended)

namespace troupe::http {

/// Registers the types above before main, so that no program has to name what it never sees.
inline const bool jobs_registered = (caf::init_global_meta_objects<caf::id_block::troupe_http>(), true);

} // namespace troupe::http
