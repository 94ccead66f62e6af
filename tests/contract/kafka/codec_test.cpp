#define CAF_SUITE kafka_codec
#include <troupe_test/suite.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/kafka/codec.hpp>
#include <troupe/bridges/kafka/retry_record.hpp>

using namespace troupe;
using namespace troupe::kafka;

namespace {

constexpr std::string_view bytes{"\0:\xff\n", 4};

trace_context traced() {
  trace_context made;
  made.trace_id[15] = 7;
  made.span_id[7] = 9;
  made.decision = trace_context::sampling::sampled;
  made.request_id = "request";
  return made;
}

message whole() {
  message made;
  made.id = "message-1";
  made.key = "key";
  made.content_type = "application/json";
  made.headers = {{"one", "1"}, {"one", "2"}, {"empty", ""}, {"odd", std::string{bytes}}};
  made.trace = traced();
  made.payload = bytes;
  return made;
}

// Null is empty.
header_list encode_headers(const message& content) {
  header_list result;
  visit_headers(content, [&result](const field_view& each) {
    result.push_back({std::string{each.name}, std::string{each.value.value_or("")}});
  });
  return result;
}

// As it stands in librdkafka's memory: `headers` must outlive it.
record_view record_of(const message& content, const header_list& headers) {
  record_view made{3, 42, std::nullopt, content.payload, {}};
  if (content.key)
    made.key = *content.key;
  for (const auto& each : headers)
    made.headers.push_back({each.name, each.value});
  return made;
}

// A record that nobody writes as we do, with every kind of null.
const record_view foreign{2,
                          5,
                          "key",
                          std::nullopt,
                          {{"null", std::nullopt},
                           {"empty", ""},
                           {"Content-Type", "text/plain"},
                           {"null", "not"},
                           {"traceparent", "no trace"},
                           {"Message-ID", std::nullopt},
                           {"last", std::nullopt}},
                          1764331464000};

using fields = std::vector<std::pair<std::string, std::optional<std::string>>>;

fields fields_of(const record_view& record) {
  fields result;
  for (const auto& each : record.headers)
    result.emplace_back(each.name, each.value);
  return result;
}

fields written(const message& content) {
  fields result;
  visit_headers(content, [&result](const field_view& each) { result.emplace_back(each.name, each.value); });
  return result;
}

// What is read of a record that carries `what`.
message sent_through(const message& content) {
  const auto headers = written(content);
  record_view made{0, 0, std::nullopt, value_of(content), {}, 1};
  if (content.key)
    made.key = *content.key;
  for (const auto& [name, value] : headers)
    made.headers.push_back({name, value});
  return decode("other", made);
}

dead_letter letter_of(message content) {
  return {std::move(content), {"topic", 2, 5}, {errc::rejected, "refused"}, 3, {}, {}, "reader"};
}

} // namespace

CAF_TEST(a record is written as it was read and its id behind it) {
  const auto read = decode("topic", foreign);
  auto wanted = fields_of(foreign);
  wanted.emplace_back("message-id", "topic-2-5@1764331464000");
  CAF_CHECK(written(read) == wanted);
  CAF_CHECK(!value_of(read));
  CAF_CHECK(written(sent_through(read)) == wanted);
  CAF_CHECK(!value_of(sent_through(read)));
}

CAF_TEST(an id that a record does not have stands behind all that it has) {
  const record_view typed{0, 0, std::nullopt, "text", {{"a", "1"}, {"content-type", "text/plain"}}, 1};
  auto wanted = fields_of(typed);
  wanted.emplace_back("message-id", "topic-0-0@1");
  CAF_CHECK(written(decode("topic", typed)) == wanted);
}

CAF_TEST(a dead letter and a retry of a foreign record give it back whole) {
  const auto read = decode("topic", foreign);
  auto set_aside = read;
  set_aside.headers = dead_letter_headers(letter_of(read));
  const auto back = dead_letter_from_headers(sent_through(set_aside));
  CAF_REQUIRE(back.has_value());
  CAF_CHECK(written(back->content) == written(read));
  CAF_CHECK(!value_of(back->content));
  CAF_CHECK_EQUAL(back->content.id, read.id);
  CAF_CHECK_EQUAL(back->content.content_type, "text/plain");

  const retry_record retry{letter_of(read), "readers", 1, {}};
  auto waiting = read;
  waiting.headers = retry_headers(retry);
  const auto again = retry_from_headers(sent_through(waiting));
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(written(again->letter.content) == written(read));
  CAF_CHECK(!value_of(again->letter.content));
}

CAF_TEST(null and empty are two things in a message of ours too) {
  const record_view empty{0, 0, std::nullopt, "", {{"a", ""}, {"message-id", "id"}}, 1};
  auto null = empty;
  null.payload = std::nullopt;
  null.headers[0].value = std::nullopt;
  CAF_CHECK(value_of(decode("topic", empty)) == std::string_view{});
  CAF_CHECK(!value_of(decode("topic", null)));
  CAF_CHECK(written(decode("topic", empty)) == fields_of(empty));
  CAF_CHECK(written(decode("topic", null)) == fields_of(null));
}

CAF_TEST(what a handler changes is written as it has it and what it left is null still) {
  auto read = decode("topic", foreign);
  read.payload = "now";
  read.headers.push_back({"added", "1"});
  auto wanted = fields_of(foreign);
  wanted.emplace_back("message-id", read.id);
  wanted.emplace_back("added", "1");
  CAF_CHECK(written(read) == wanted);
  CAF_CHECK(value_of(read) == "now");
  read.headers.erase(read.headers.begin() + 1);
  read.content_type = "application/json";
  CAF_CHECK((written(read)
             == fields{{"null", std::nullopt},
                       {"null", "not"},
                       {"last", std::nullopt},
                       {"added", "1"},
                       {"message-id", read.id},
                       {"content-type", "application/json"}}));
}

CAF_TEST(a message comes back as it was) {
  auto sent = whole();
  CAF_CHECK(decode("topic", record_of(sent, encode_headers(sent))) == sent);
  sent.key = "";
  sent.payload.clear();
  sent.content_type.clear();
  sent.headers.clear();
  CAF_CHECK(decode("topic", record_of(sent, encode_headers(sent))) == sent);
}

CAF_TEST(a record without our headers is a message whose id is its position) {
  const auto read = decode("foo-topic", {3, 42, std::nullopt, "payload", {{"source", "elsewhere"}}});
  CAF_CHECK_EQUAL(read.id, "foo-topic-3-42");
  CAF_CHECK(!read.key);
  CAF_CHECK_EQUAL(read.content_type, "");
  CAF_CHECK(read.trace == trace_context{});
  CAF_CHECK(read.headers == (header_list{{"source", "elsewhere"}}));
  CAF_CHECK_EQUAL(read.payload, "payload");
}

CAF_TEST(no key and an empty key are two things and a null value is an empty payload) {
  CAF_CHECK(!decode("topic", {0, 0, std::nullopt, {}, {}}).key);
  CAF_CHECK(decode("topic", {0, 0, std::string_view{}, {}, {}}).key == std::string{});
  CAF_CHECK_EQUAL(decode("topic", {0, 0, std::nullopt, {}, {}}).payload, "");
}

CAF_TEST(an empty id in a header is none) {
  CAF_CHECK_EQUAL(decode("topic", {0, 7, std::nullopt, {}, {{header_name::message_id, ""}}}).id, "topic-0-7");
}

CAF_TEST(a message was published at the time of its record unless that says no time) {
  CAF_CHECK(decode("topic", {0, 7, std::nullopt, {}, {}, 1764331464000}).published_at
            == std::optional{timestamp{} + std::chrono::milliseconds{1764331464000}});
  for (const auto none : {std::optional<std::int64_t>{}, std::optional<std::int64_t>{-1},
                          std::optional{std::numeric_limits<std::int64_t>::max()}})
    CAF_CHECK(!decode("topic", {0, 7, std::nullopt, {}, {}, none}).published_at);
}

CAF_TEST(records of a topic that is made again have other ids) {
  record_view first{0, 7, std::nullopt, "payload", {}, 1764331464000};
  auto second = first;
  second.time = 1764331464001;
  CAF_CHECK_EQUAL(decode("topic", first).id, "topic-0-7@1764331464000");
  CAF_CHECK_NOT_EQUAL(decode("topic", first).id, decode("topic", second).id);
  first.partition = 1;
  CAF_CHECK_NOT_EQUAL(decode("topic", first).id, decode("topic-1", {0, 7, std::nullopt, "payload", {}, first.time}).id);
}

CAF_TEST(an id in a header is kept as its bytes) {
  CAF_CHECK_EQUAL(decode("topic", {0, 7, std::nullopt, {}, {{header_name::message_id, "\xff\xfe"}}}).id, "\xff\xfe");
}

CAF_TEST(keys payloads and headers are bytes) {
  const auto read = decode("topic", {0, 0, bytes, bytes, {{"odd", bytes}, {"null", std::string_view{}}}});
  CAF_CHECK_EQUAL(read.key.value(), bytes);
  CAF_CHECK_EQUAL(read.payload, bytes);
  CAF_CHECK(read.headers == (header_list{{"odd", std::string{bytes}}, {"null", ""}}));
}

CAF_TEST(our headers are known in any case and are not among those of the message) {
  const auto read = decode("topic", {0, 0, std::nullopt, {}, {{"Message-ID", "id"}, {"CONTENT-TYPE", "text/plain"}}});
  CAF_CHECK_EQUAL(read.id, "id");
  CAF_CHECK_EQUAL(read.content_type, "text/plain");
  CAF_CHECK(read.headers.empty());
}

CAF_TEST(a malformed trace is ignored and its headers are not of the author) {
  const auto read =
    decode("topic", {0, 0, std::nullopt, {}, {{"traceparent", "no trace"}, {"x-b3-traceid", "-"}, {"b3", "?"}}});
  CAF_CHECK(!read.trace.valid());
  CAF_CHECK(read.headers.empty());
}

CAF_TEST(a trace in any of its forms is read) {
  const auto read =
    decode("topic", {0, 0, std::nullopt, {}, {{"b3", "00000000000000000000000000000007-0000000000000009-1"}}});
  CAF_CHECK(read.trace.trace_id == traced().trace_id);
  CAF_CHECK(read.trace.span_id == traced().span_id);
}

CAF_TEST(an author cannot give a message another identity by headers) {
  auto sent = whole();
  sent.headers = {
    {"Message-Id", "forged"}, {"content-type", "forged"}, {"traceparent", "forged"}, {"b3", "0"}, {"kept", "1"}};
  const auto headers = encode_headers(sent);
  const auto count = [&](std::string_view name) {
    return std::count_if(headers.begin(), headers.end(),
                         [&](const header& each) { return same_header_name(each.name, name); });
  };
  for (const auto name : {header_name::message_id, content_type_header, header_name::traceparent})
    CAF_CHECK_EQUAL(count(name), 1);
  CAF_CHECK_EQUAL(count("b3"), 0);
  CAF_CHECK_EQUAL(count("kept"), 1);
  const auto read = decode("topic", record_of(sent, headers));
  CAF_CHECK_EQUAL(read.id, sent.id);
  CAF_CHECK(read.trace == sent.trace);
}

CAF_TEST(what a message does not have is not written) {
  CAF_CHECK(encode_headers({}).empty());
}
