#define CAF_SUITE embedded_codec
#include <troupe_test/suite.hpp>

#include <random>
#include <string>

#include <troupe/bridges/embedded/codec.hpp>

using namespace troupe;
using namespace troupe::embedded;

namespace {

std::string random_text(std::mt19937_64& random) {
  std::string text(random() % 20, '\0');
  for (auto& each : text)
    each = static_cast<char>(random());
  return text;
}

} // namespace

CAF_TEST(headers of any bytes come back as they were) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 500; ++round) {
    header_list headers(random() % 6);
    for (auto& each : headers)
      each = {random_text(random), random_text(random)};
    const auto back = decode_headers(encode_headers(headers));
    CAF_REQUIRE(back.has_value());
    CAF_CHECK(*back == headers);
  }
}

CAF_TEST(a trace comes back as it was) {
  std::mt19937_64 random{2};
  for (int round = 0; round < 500; ++round) {
    trace_context trace;
    for (auto& each : trace.trace_id)
      each = static_cast<std::uint8_t>(random());
    for (auto& each : trace.span_id)
      each = static_cast<std::uint8_t>(random());
    for (auto& each : trace.parent_span_id)
      each = static_cast<std::uint8_t>(random());
    trace.decision = static_cast<trace_context::sampling>(random() % 4);
    trace.trace_state = random_text(random);
    trace.request_id = random_text(random);
    trace.ot_span_context = random_text(random);
    const auto back = decode_trace(encode_trace(trace));
    CAF_REQUIRE(back.has_value());
    CAF_CHECK(*back == trace);
  }
}

CAF_TEST(nothing is encoded as nothing) {
  CAF_CHECK(encode_headers({}).empty());
  CAF_CHECK(encode_trace({}).empty());
  CAF_CHECK(decode_headers("")->empty());
  CAF_CHECK(*decode_trace("") == trace_context{});
}

CAF_TEST(damaged headers are undecodable) {
  for (const auto* text : {"1", "1:", "x:a", "1:a", "1:a1", "1:a2:b", "99999999999999999999:a1:b", "-1:a1:b", "1:a1:bx"}) {
    const auto back = decode_headers(text);
    CAF_REQUIRE(back.has_error());
    CAF_CHECK_EQUAL(back.error().code, errc::undecodable);
  }
}

CAF_TEST(damaged traces are undecodable and no byte of them ends the process) {
  trace_context trace;
  trace.trace_id[0] = 1;
  trace.request_id = "request";
  const auto good = encode_trace(trace);
  for (std::size_t length = 1; length < good.size(); ++length)
    CAF_CHECK(decode_trace(std::string_view{good}.substr(0, length)).has_error());
  CAF_CHECK(decode_trace(good + "x").has_error());
  std::mt19937_64 random{3};
  for (int round = 0; round < 2000; ++round) {
    auto text = good;
    text[random() % text.size()] = static_cast<char>(random());
    static_cast<void>(decode_trace(text));
    static_cast<void>(decode_headers(text));
  }
}

CAF_TEST(a message without an id gets one from where it stands) {
  CAF_CHECK_EQUAL(id_of({"topic", 3, 42}), "topic-3-42");
}
