#define CAF_SUITE dead_letter_headers

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/dead_letter.hpp>

#include "generated.hpp"
#include "refusal.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

dead_letter example() {
  dead_letter letter;
  letter.content.id = "2a1c8b7e-9f33-4c2f-8a50-6b2f5b0e4a11";
  letter.content.payload = "not JSON";
  letter.content.headers = {{"Tenant", "a"}, {"x-b", "1"}, {"tenant", "b"}};
  letter.from = {"service-d", 2, 40};
  letter.why = {errc::undecodable, "byte 1: syntax error"};
  letter.attempts = 7;
  letter.first_failure = *parse_timestamp("2021-05-24T21:23:16.5Z");
  letter.last_failure = *parse_timestamp("2021-05-24T21:28:17.000000001Z");
  letter.service = "service-f";
  return letter;
}

/// The letter as it arrives: the message with all headers.
message sent(const dead_letter& letter) {
  auto content = letter.content;
  content.headers = dead_letter_headers(letter);
  return content;
}

message with_fact(std::string_view name, std::string value) {
  auto content = sent(example());
  set_header(content.headers, name, std::move(value));
  return content;
}

message without_fact(std::string_view name) {
  auto content = sent(example());
  std::erase_if(content.headers, [name](const header& each) { return each.name == name; });
  return content;
}

const std::vector<std::string> fact_names{
  "dead-letter-reason",        "dead-letter-error",        "dead-letter-source",
  "dead-letter-partition",     "dead-letter-offset",       "dead-letter-attempts",
  "dead-letter-first-failure", "dead-letter-last-failure", "dead-letter-service",
};

} // namespace

CAF_TEST(the facts stand behind the headers of the author) {
  CAF_CHECK((dead_letter_headers(example())
             == header_list{{"Tenant", "a"},
                            {"x-b", "1"},
                            {"tenant", "b"},
                            {"dead-letter-reason", "byte 1: syntax error"},
                            {"dead-letter-error", "undecodable"},
                            {"dead-letter-source", "service-d"},
                            {"dead-letter-partition", "2"},
                            {"dead-letter-offset", "40"},
                            {"dead-letter-attempts", "7"},
                            {"dead-letter-first-failure", "2021-05-24T21:23:16.5Z"},
                            {"dead-letter-last-failure", "2021-05-24T21:28:17.000000001Z"},
                            {"dead-letter-service", "service-f"}}));
}

CAF_TEST(the facts are read whatever the case and the place of their names) {
  auto content = sent(example());
  auto& headers = content.headers;
  std::rotate(headers.begin(), headers.begin() + 3, headers.end());
  headers[0].name = "Dead-Letter-Reason";
  const auto back = dead_letter_from_headers(content);
  CAF_REQUIRE_EQUAL(refusal(back), "accepted");
  CAF_CHECK(*back == example());
}

CAF_TEST(a dead letter of a dead letter keeps the facts of the first as headers of its content) {
  auto second = example();
  second.content = sent(example());
  second.why = {errc::rejected, "still bad"};
  second.from = {"service-d.dlq", 0, 1};
  const auto back = dead_letter_from_headers(sent(second));
  CAF_REQUIRE_EQUAL(refusal(back), "accepted");
  CAF_CHECK(*back == second);
  CAF_CHECK(*dead_letter_from_headers(back->content) == example());
}

CAF_TEST(a fact that is missing is named) {
  for (const auto& name : fact_names)
    CAF_CHECK_EQUAL(refusal(dead_letter_from_headers(without_fact(name))), "undecodable: header " + name + ": missing");
}

CAF_TEST(a number that is none or is out of range is named) {
  const auto refused = [](std::string_view name, std::string value) {
    return refusal(dead_letter_from_headers(with_fact(name, std::move(value))));
  };
  for (const std::string name : {"dead-letter-partition", "dead-letter-offset", "dead-letter-attempts"}) {
    for (const auto* bad : {"", " 1", "1 ", "1x", "+1", "1.0", "0x1", "one"})
      CAF_CHECK_EQUAL(refused(name, bad), "undecodable: header " + name + ": expected a whole number");
    CAF_CHECK_EQUAL(refused(name, "9223372036854775808"), "undecodable: header " + name + ": the number is out of range");
  }
  CAF_CHECK_EQUAL(refused("dead-letter-partition", "2147483648"),
                  "undecodable: header dead-letter-partition: the number is out of range");
  CAF_CHECK_EQUAL(refused("dead-letter-attempts", "4294967296"),
                  "undecodable: header dead-letter-attempts: the number is out of range");
  CAF_CHECK_EQUAL(refused("dead-letter-attempts", "-1"),
                  "undecodable: header dead-letter-attempts: expected a whole number");
  CAF_CHECK_EQUAL(refused("dead-letter-offset", "9223372036854775807"), "accepted");
  CAF_CHECK_EQUAL(refused("dead-letter-offset", "-1"), "accepted");
}

CAF_TEST(a time that is ill formed is named with the place in it) {
  for (const std::string name : {"dead-letter-first-failure", "dead-letter-last-failure"})
    CAF_CHECK_EQUAL(refusal(dead_letter_from_headers(with_fact(name, "2021-05-24"))),
                    "undecodable: header " + name + ": timestamp, character 11: expected T or a space");
}

CAF_TEST(an error code that this version does not know is internal) {
  const auto back = dead_letter_from_headers(with_fact("dead-letter-error", "from_the_future"));
  CAF_REQUIRE_EQUAL(refusal(back), "accepted");
  CAF_CHECK(back->why.code == errc::internal);
}

CAF_TEST(every dead letter that is written is read back with the headers of the author untouched) {
  auto names = fact_names;
  names.insert(names.end(), {"a", "A", "message-id", "traceparent", "Dead-Letter-Service", ""});
  generated any;
  for (int i = 0; i < 10000; ++i) {
    dead_letter letter;
    letter.content = {any.text(), any.text(), any.text(), any.headers(names), {}, any.bytes()};
    letter.from = {any.bytes(), static_cast<std::int32_t>(any.word()), static_cast<std::int64_t>(any.word())};
    letter.why = {any.code(), any.bytes()};
    letter.attempts = static_cast<std::uint32_t>(any.word());
    letter.first_failure = any.time();
    letter.last_failure = any.time();
    letter.service = any.text();
    const auto back = dead_letter_from_headers(sent(letter));
    CAF_REQUIRE_EQUAL(refusal(back), "accepted");
    CAF_REQUIRE(*back == letter);
  }
}

CAF_TEST(the wire form of a message keeps nothing of a dead letter either) {
  auto letter = example();
  letter.content.wire = wire_form{wire_form::payload_value::null, {{"dead-letter-reason", "of the author"}, {"tenant", {}}}};
  auto content = sent(letter);
  for (const auto& each : dead_letter_headers(example()))
    if (each.name.starts_with("dead-letter-"))
      content.wire->headers.push_back({each.name, each.value});
  const auto read = dead_letter_from_headers(content);
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(read->content.wire == letter.content.wire);
}
