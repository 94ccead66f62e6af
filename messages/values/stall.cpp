#include <troupe/messages/values/stall.hpp>

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

std::string_view step(stall_reason reason) noexcept {
  switch (reason) {
    case stall_reason::handler:
      return "its handler does not take it";
    case stall_reason::dead_letter:
      return "its dead letter is not taken";
    case stall_reason::retry:
      return "its delayed retry is not taken";
    case stall_reason::settlement:
      return "its settlement cannot be recorded";
    case stall_reason::publish:
      return "its destination does not take it";
    case stall_reason::transaction:
      return "a transaction before it was not ended by its producer";
    case stall_reason::client:
      return "the client library does not return";
  }
  return "";
}

} // namespace

std::string_view to_string(stall_reason reason) noexcept {
  switch (reason) {
    case stall_reason::handler:
      return "handler";
    case stall_reason::dead_letter:
      return "dead_letter";
    case stall_reason::retry:
      return "retry";
    case stall_reason::settlement:
      return "settlement";
    case stall_reason::publish:
      return "publish";
    case stall_reason::transaction:
      return "transaction";
    case stall_reason::client:
      return "client";
  }
  return "";
}

void note(stall_list& in, stall added) {
  const auto found = std::find_if(in.begin(), in.end(), [&](const stall& each) { return each.reason == added.reason; });
  if (found == in.end())
    in.push_back(std::move(added));
  else if (added.since < found->since)
    *found = std::move(added);
}

void note(stall_list& in, const stall_list& stalls) {
  for (const auto& each : stalls)
    note(in, each);
}

std::string describe(const stall& found) {
  std::string result{step(found.reason)};
  return result.append(": ").append(found.why.code == errc::none ? "there is no answer yet" : to_string(found.why));
}

std::string_view remedy(const stall& found) noexcept {
  if (found.reason == stall_reason::transaction)
    return "End it in its producer, or with `kafka-transactions.sh abort`; brokers do it after its own timeout, at most "
           "transaction.max.timeout.ms.";
  if (found.reason == stall_reason::client)
    return "It goes on when the library returns; if it does not, end the process: what is unsettled is delivered again.";
  switch (found.why.code) {
    case errc::none:
    case errc::deadline_exceeded:
    case errc::actor_failed:
      return "It goes on with the next answer; if none comes, look at the handler and at what it waits for.";
    case errc::unauthenticated:
    case errc::untrusted:
      return "Correct the credentials or certificates; it goes on by itself then.";
    case errc::forbidden:
      return "Grant the missing permission; it goes on by itself then.";
    case errc::not_found:
      return "Make what is missing (`troupe topics apply` makes topics); it goes on by itself then.";
    case errc::overloaded:
    case errc::throttled:
    case errc::storage_failed:
      return "Make room there; it goes on by itself then.";
    case errc::undecodable:
    case errc::rejected:
    case errc::invalid:
    case errc::unsupported:
    case errc::conflict:
      return "Change what refuses it (a limit of size, a schema, a queue's arguments); it is tried again until then.";
    default:
      return "Bring back what is away; it goes on by itself then.";
  }
}

} // namespace troupe
