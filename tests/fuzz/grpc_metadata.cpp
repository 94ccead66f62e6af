#include <algorithm>

#include <troupe/bridges/grpc/metadata.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::grpc;
using namespace troupe_fuzz;

/// What is read of a call's metadata can be sent, and is read back by the next service.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto metadata = headers_of(text_of(data, size));
  std::uint64_t word = 0;
  const random_source random = [&word] { return ++word; };
  const auto read = [&random](const header_list& from) -> expected<std::pair<greet, trace_origin>> {
    auto received = decode_context(views_of(from), random);
    if (!received)
      return received.error();
    auto call = greet_of(std::move(received->context));
    if (!call)
      return call.error();
    return std::pair{std::move(*call), received->origin};
  };
  const auto received = read(metadata);
  if (!received) {
    require(received.error().code == errc::invalid && !received.error().reason.empty());
    return 0;
  }
  const auto& call = received->first;
  require(call.trace.valid() && call.call_id.size() == 36);

  header_list sent;
  const auto& trace = call.trace;
  const auto withheld = encode_context(context_of(call), [&sent](const header_view& each) {
    require(is_legal_metadata(each));
    sent.push_back({std::string{each.name}, std::string{each.value}});
  });
  const auto again = read(sent);
  require(again && again->second == trace_origin::caller && again->first.trace.span_id == trace.span_id);
  require(trace.trace_state.size() + trace.request_id.size() + trace.ot_span_context.size() > 1024
          || again->first.trace == trace);
  require(again->first.call_id == call.call_id && again->first.order == call.order);
  require(again->first.forwarded.size() + withheld == call.forwarded.size());
  require(withheld > 0 || again->first.forwarded == call.forwarded);

  // An answer's trailers are at most as long as peers read, and what is read of them is written the same way.
  const auto missing = decode_trailers(metadata);
  const auto trailers = encode_trailers(greeting_answer{{}, missing});
  require(trailers.empty() == missing.empty());
  for (const auto& each : trailers)
    require(is_legal_metadata({each.name, each.value}) || each.value.size() <= 4096);
  const auto kept = decode_trailers(trailers);
  require(kept.size() <= missing.size() && std::equal(kept.begin(), kept.end(), missing.begin()));
  static_cast<void>(is_from_troupe(metadata));
  return 0;
}
