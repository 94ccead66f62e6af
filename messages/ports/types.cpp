#include <troupe/messages/ports/types.hpp>

#include <string>
#include <utility>

#include <troupe/messages/values/administration.hpp>
#include <troupe/messages/values/call.hpp>
#include <troupe/messages/values/delivery.hpp>
#include <troupe/messages/values/document.hpp>
#include <troupe/messages/values/drain.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe {

namespace {

errc from_runtime(caf::sec code) {
  switch (code) {
    case caf::sec::request_timeout:
      return errc::deadline_exceeded;
    case caf::sec::request_receiver_down:
    case caf::sec::broken_promise:
    case caf::sec::runtime_error:
      return errc::actor_failed;
    default:
      return errc::internal;
  }
}

} // namespace

void register_message_types() {
  caf::init_global_meta_objects<caf::id_block::troupe>();
  caf::core::init_global_meta_objects();
}

caf::error to_error(const failure& why) {
  const auto code = why.code == errc::none ? errc::internal : why.code;
  if (!why.status.empty())
    return caf::make_error(code, why.reason, why.status);
  if (why.reason.empty())
    return caf::make_error(code);
  return caf::make_error(code, why.reason);
}

failure to_failure(const caf::error& reported) {
  std::string reason;
  std::string status;
  const auto& context = reported.context();
  if (context.size() >= 1 && context.match_element<std::string>(0))
    reason = context.get_as<std::string>(0);
  if (context.size() == 2 && context.match_element<std::string>(1))
    status = context.get_as<std::string>(1);
  if (reported.category() == caf::type_id_v<errc>) {
    const auto code = static_cast<errc>(reported.code());
    return {code == errc::none ? errc::internal : code, std::move(reason), std::move(status)};
  }
  if (reported.category() == caf::type_id_v<caf::sec>)
    return {from_runtime(static_cast<caf::sec>(reported.code())), std::move(reason)};
  if (reported == caf::exit_reason::kill)
    return {errc::actor_failed, "killed"};
  if (reported.category() == caf::type_id_v<caf::exit_reason>)
    return {errc::actor_failed, to_string(reported)};
  return {errc::internal, to_string(reported)};
}

} // namespace troupe
