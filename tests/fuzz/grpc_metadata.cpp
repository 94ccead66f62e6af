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
  const auto call = decode_call(views_of(metadata), random);
  if (!call) {
    require(call.error().code == errc::invalid && !call.error().reason.empty());
    return 0;
  }
  require(call->ask.trace.valid() && call->ask.call_id.size() == 36);

  header_list sent;
  const auto& trace = call->ask.trace;
  const auto withheld = encode_call(call->ask, [&sent](const header_view& each) {
    require(is_legal_metadata(each));
    sent.push_back({std::string{each.name}, std::string{each.value}});
  });
  const auto again = decode_call(views_of(sent), random);
  require(again && again->origin == trace_origin::caller && again->ask.trace.span_id == trace.span_id);
  require(trace.trace_state.size() + trace.request_id.size() + trace.ot_span_context.size() > 1024
          || again->ask.trace == trace);
  require(again->ask.call_id == call->ask.call_id && again->ask.order == call->ask.order);
  require(again->ask.forwarded.size() + withheld == call->ask.forwarded.size());
  require(withheld > 0 || again->ask.forwarded == call->ask.forwarded);

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
