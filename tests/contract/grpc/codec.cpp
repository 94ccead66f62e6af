#define CAF_SUITE grpc_codec

#include <troupe_test/suite.hpp>

#include <array>

#include <troupe/bridges/grpc/engine/codec.hpp>
#include <troupe/bridges/grpc/engine/status.hpp>
#include <troupe/bridges/grpc/metadata.hpp>

#include "support.hpp"

namespace troupe::grpc_test {

namespace {

header_list metadata_of(const greet& call) {
  header_list result;
  grpc::encode_context(grpc::context_of(call), [&result](const header_view& each) {
    result.push_back({std::string{each.name}, std::string{each.value}});
  });
  return result;
}

struct received_greet {
  greet ask;
  trace_origin origin;
};

// A greet as the other side receives it.
template <class Metadata>
expected<received_greet> read_greet(const Metadata& metadata) {
  auto received = grpc::decode_context(metadata, system_random());
  if (!received)
    return received.error();
  auto call = grpc::greet_of(std::move(received->context));
  if (!call)
    return call.error();
  return received_greet{std::move(*call), received->origin};
}

} // namespace

CAF_TEST(each status means to us what the gateway documentation says it is over HTTP) {
  using ::grpc::StatusCode;
  struct row {
    StatusCode status;
    errc code;
  };
  for (const auto& [status, code] :
       {row{StatusCode::OK, errc::none}, row{StatusCode::CANCELLED, errc::cancelled},
        row{StatusCode::UNKNOWN, errc::internal}, row{StatusCode::INVALID_ARGUMENT, errc::invalid},
        row{StatusCode::DEADLINE_EXCEEDED, errc::deadline_exceeded}, row{StatusCode::NOT_FOUND, errc::not_found},
        row{StatusCode::ALREADY_EXISTS, errc::conflict}, row{StatusCode::PERMISSION_DENIED, errc::forbidden},
        row{StatusCode::RESOURCE_EXHAUSTED, errc::throttled}, row{StatusCode::FAILED_PRECONDITION, errc::invalid},
        row{StatusCode::ABORTED, errc::conflict}, row{StatusCode::OUT_OF_RANGE, errc::invalid},
        row{StatusCode::UNIMPLEMENTED, errc::unsupported}, row{StatusCode::INTERNAL, errc::internal},
        row{StatusCode::UNAVAILABLE, errc::unavailable}, row{StatusCode::DATA_LOSS, errc::internal},
        row{StatusCode::UNAUTHENTICATED, errc::unauthenticated}})
    CAF_CHECK_EQUAL(to_string(grpc::errc_of(status)), to_string(code));
  CAF_CHECK(grpc::errc_of(static_cast<StatusCode>(99)) == errc::internal);
  CAF_CHECK_EQUAL(grpc::metric_name(static_cast<StatusCode>(99)), "Unknown");
}

CAF_TEST(a status that stands for one of our errors is read as an error that lasts as long) {
  for (int number = 1; number <= static_cast<int>(errc::internal); ++number) {
    const auto code = static_cast<errc>(number);
    const auto heard = grpc::failure_of(grpc::status_of({code, "why"})).code;
    // A schema of another version, a lock or a crowded supervisor are what that process may recover from.
    const bool mended_by_others = code == errc::locked || code == errc::newer_schema || code == errc::intensity_exceeded;
    CAF_CHECK_EQUAL(is_transient(heard), is_transient(code) || mended_by_others);
    CAF_CHECK(heard != errc::none);
  }
}

CAF_TEST(words of a status are cut between characters where a peer would refuse their size) {
  const auto words = [](std::string text) { return grpc::status_of({errc::rejected, std::move(text)}).error_message(); };
  CAF_CHECK_EQUAL(words(std::string(2048, 'x')).size(), 2048U);
  CAF_CHECK_EQUAL(words(std::string(2049, 'x')), std::string(2042, 'x') + " [cut]");
  std::string umlauts; // each is sent as six bytes
  for (int i = 0; i < 400; ++i)
    umlauts += "\u00e4";
  CAF_CHECK_EQUAL(words(umlauts), umlauts.substr(0, 2 * 340) + " [cut]");
  CAF_CHECK_EQUAL(words(std::string(1000, '%')), std::string(680, '%') + " [cut]");
  CAF_CHECK(words(std::string(5000, '\x80')).size() <= 2048U); // no text at all
}

CAF_TEST(what one side writes of a call the other side reads) {
  greet call;
  call.call_id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  call.trace = new_trace(system_random());
  call.order = greeting_order::post_order;
  call.forwarded = {{"x-tenant", "blue"}, {"x-tenant", "green"}};
  const auto metadata = metadata_of(call);
  const auto read = read_greet(views_of(metadata));
  CAF_REQUIRE(read);
  CAF_CHECK(read->ask.call_id == call.call_id && read->ask.order == call.order && read->ask.forwarded == call.forwarded);
  CAF_CHECK(read->origin == trace_origin::caller);
  CAF_CHECK_EQUAL(span_id_text(read->ask.trace), span_id_text(call.trace));
  CAF_CHECK(grpc::is_from_troupe(grpc::encode_error_metadata(call.order)));
  CAF_CHECK(!grpc::is_from_troupe({{"server", "envoy"}}));
}

CAF_TEST(what belongs to one hop is neither forwarded nor sent) {
  header_list hop;
  for (const auto* const name : {"grpc-timeout", "grpc-trace-bin", "content-type", "te", "user-agent", "host", "connection",
                                 "troupe-missing", "traceparent", "b3", ":authority"})
    hop.push_back({name, "value"});
  const auto read = read_greet(views_of(hop));
  CAF_REQUIRE(read);
  CAF_CHECK(read->ask.forwarded.empty());
  greet call;
  call.forwarded = hop;
  call.call_id = "not a uuid";
  CAF_CHECK(metadata_of(call).empty());
}

CAF_TEST(the metadata of a call stays within what a peer reads by default) {
  greet call;
  call.call_id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  call.trace = new_trace(system_random());
  for (int each = 0; each != 90; ++each)
    call.trace.trace_state += 'k' + std::to_string(each) + '=' + std::string(40, 'v') + ',';
  call.trace.ot_span_context = std::string(4090, 'o');
  call.forwarded = {{"x-first", std::string(3000, 'f')},
                    {"x-large", std::string(5000, 'f')},
                    {"x-data-bin", std::string(3000, 'f')},
                    {"x-last", std::string(400, 'f')}};
  std::size_t total = 0;
  header_list sent;
  const auto withheld = grpc::encode_context(grpc::context_of(call), [&](const header_view& each) {
    total += each.name.size() + each.value.size() + 32;
    sent.push_back({std::string{each.name}, std::string{each.value}});
  });
  CAF_CHECK(total <= 8192 - 1024);
  CAF_CHECK_EQUAL(withheld, 2U);
  CAF_CHECK(find_header(sent, "x-first") && find_header(sent, "x-last"));
  CAF_CHECK(!find_header(sent, "x-large") && !find_header(sent, "x-data-bin"));
  CAF_CHECK(find_header(sent, "troupe-call-id") && find_header(sent, "traceparent") && find_header(sent, "tracestate"));
  CAF_CHECK(read_greet(views_of(sent))->origin == trace_origin::caller);
}

CAF_TEST(an order is sent where it is not the one that a call without it asks for) {
  greet call;
  const auto read_order = [&call] { return read_greet(views_of(metadata_of(call)))->ask.order; };
  CAF_CHECK(metadata_of(call).empty());
  CAF_CHECK(read_order() == greeting_order::pre_order);
  call.order = greeting_order::post_order;
  const auto sent = metadata_of(call);
  CAF_REQUIRE_EQUAL(sent.size(), 1U);
  CAF_CHECK(sent[0] == (header{"troupe-greeting-order", "post"}));
  CAF_CHECK(read_order() == greeting_order::post_order);
}

CAF_TEST(the decision and the request id of a trace without ids are kept by the one that begins) {
  const auto metadata = std::to_array<header_view>({{"x-b3-sampled", "0"}, {"x-request-id", "request-7"}});
  const auto read = read_greet(metadata);
  CAF_REQUIRE(read);
  CAF_CHECK(read->ask.trace.valid());
  CAF_CHECK(read->ask.trace.decision == trace_context::sampling::dropped);
  CAF_CHECK_EQUAL(read->ask.trace.request_id, "request-7");
  CAF_CHECK(read->origin == trace_origin::none);
}

CAF_TEST(only who refuses for a moment says when to come back) {
  for (const auto code : {errc::overloaded, errc::throttled, errc::breaker_open})
    CAF_CHECK(grpc::encode_trailers(failure{code, {}}) == (header_list{{"retry-after", "1"}}));
  CAF_CHECK(grpc::encode_trailers(failure{errc::unavailable, {}}).empty());
}

CAF_TEST(a greeting without a time is the epoch in a request and undecodable in an answer) {
  ::greeting::v3::GreetingRequest request;
  request.mutable_greeting()->set_service("Service A");
  const auto caller = grpc::decode_request(request);
  CAF_REQUIRE(caller);
  CAF_REQUIRE(*caller);
  CAF_CHECK((*caller)->created == timestamp{});
  ::greeting::v3::GreetingResponse response;
  response.add_greeting()->set_service("Service B");
  const auto read = grpc::decode_response(response);
  CAF_REQUIRE(!read);
  CAF_CHECK_EQUAL(to_string(read.error().code), "undecodable");
  CAF_CHECK_NOT_EQUAL(read.error().reason.find("'Service B'"), std::string::npos);
}

} // namespace troupe::grpc_test
