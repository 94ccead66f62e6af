#define CAF_SUITE json

#include <string>
#include <string_view>
#include <vector>

#include <troupe_test/suite.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <troupe/messages/values/json.hpp>

#include "generated.hpp"
#include "refusal.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

greeting service_a() {
  return {"f0a8d1c5-64a6-4ae0-b7a4-d5c4ff2f9b80", "Service-A", "Hello, from Service-A!",
          *parse_timestamp("2019-04-16T02:23:16.546749266Z"), ""};
}

greeting service_d() {
  return {"2a1c8b7e-9f33-4c2f-8a50-6b2f5b0e4a11", "Service D", "Shalom (שָׁלוֹם), from Service D!",
          *parse_timestamp("2021-05-24T21:23:16.5Z"), "service-d-6c9d7f8b5-x2x4z"};
}

const std::string service_a_json = R"({"id":"f0a8d1c5-64a6-4ae0-b7a4-d5c4ff2f9b80","service":"Service-A",)"
                                   R"("message":"Hello, from Service-A!","created":"2019-04-16T02:23:16.546749266Z"})";
const std::string service_d_json = R"({"id":"2a1c8b7e-9f33-4c2f-8a50-6b2f5b0e4a11","service":"Service D",)"
                                   R"("message":"Shalom (שָׁלוֹם), from Service D!",)"
                                   R"("created":"2021-05-24T21:23:16.5Z","hostname":"service-d-6c9d7f8b5-x2x4z"})";

} // namespace

CAF_TEST(the answer of the HTTP platforms is a bare array with a trailing newline) {
  CAF_CHECK_EQUAL(greetings_to_json({service_d(), service_a()}), "[" + service_d_json + "," + service_a_json + "]\n");
  CAF_CHECK_EQUAL(greetings_to_json({}), "[]\n");
}

CAF_TEST(the answer of the gateway wraps the same members and ends without a newline) {
  CAF_CHECK_EQUAL(gateway_to_json({service_a(), service_d()}),
                  R"({"greeting":[)" + service_a_json + "," + service_d_json + "]}");
  CAF_CHECK_EQUAL(gateway_to_json({}), R"({"greeting":[]})");
}

CAF_TEST(one greeting is written without a newline and without what is empty) {
  CAF_CHECK_EQUAL(to_json(service_a()), service_a_json);
  CAF_CHECK_EQUAL(to_json(greeting{}), R"({"created":"1970-01-01T00:00:00Z"})");
}

CAF_TEST(the greetings of 2021 stand in JSON as they are) {
  for (const std::string text :
       {"Namasté (नमस्ते), from Service B!", "Konnichiwa (こんにちは), from Service C!", "Shalom (שָׁלוֹם), from Service D!",
        "Ahlan (أهلا), from Service G!", "Nǐ hǎo (你好), from Service H!", "Howdy 🤠, from Service A!"})
    CAF_CHECK_EQUAL(quoted(text), '"' + text + '"');
}

CAF_TEST(strings are escaped as RFC 8259 wants it) {
  CAF_CHECK_EQUAL(quoted(""), R"("")");
  CAF_CHECK_EQUAL(quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  CAF_CHECK_EQUAL(quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  CAF_CHECK_EQUAL(quoted(std::string_view{"\0\x01\x0b\x1f", 4}), R"("\u0000\u0001\u000b\u001f")");
  CAF_CHECK_EQUAL(quoted("\x7f"), R"("\u007f")");
}

CAF_TEST(what a terminal would obey is escaped in strings) {
  CAF_CHECK_EQUAL(quoted("\xc2\x9b"
                         "31m"),
                  R"("\u009b31m")");
  CAF_CHECK_EQUAL(quoted("safe\u202egpj.exe\u2066"), R"("safe\u202egpj.exe\u2066")");
  CAF_CHECK_EQUAL(quoted("a\u2028b\U000e0041c"), R"("a\u2028b\udb40\udc41c")");
}

CAF_TEST(each maximal part of invalid UTF 8 is replaced by one replacement character) {
  const std::string r = "\xef\xbf\xbd";
  CAF_CHECK_EQUAL(quoted("\x80"), '"' + r + '"');
  CAF_CHECK_EQUAL(quoted("a\xffz"), "\"a" + r + "z\"");
  CAF_CHECK_EQUAL(quoted("\xc0\xaf"), '"' + r + r + '"');                                             // overlong
  CAF_CHECK_EQUAL(quoted("\xed\xa0\x80"), '"' + r + r + r + '"');                                     // a surrogate
  CAF_CHECK_EQUAL(quoted("\xf4\x90\x80\x80"), '"' + r + r + r + r + '"');                             // above U+10FFFF
  CAF_CHECK_EQUAL(quoted("\xe2\x82"), '"' + r + '"');                                                 // cut off at the end
  CAF_CHECK_EQUAL(quoted("\xf0\x9f\x99\"\xe2\x82x"), '"' + r + "\\\"" + r + "x\"");                   // cut off by a quote
  CAF_CHECK_EQUAL(quoted("\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63"), '"' + r + r + r + 'b' + r + "c\""); // Unicode, table 3-8
}

CAF_TEST(a string of any bytes is one that a JSON parser reads) {
  generated any;
  for (int i = 0; i < 5000; ++i) {
    const auto valid = any.text(40);
    boost::json::error_code error;
    const auto back = boost::json::parse(quoted(valid), error);
    CAF_REQUIRE(!error);
    CAF_REQUIRE(std::string_view{back.as_string()} == valid);
    const auto replaced = boost::json::parse(quoted(any.bytes(40)), error);
    CAF_REQUIRE(!error);
    const std::string once{std::string_view{replaced.as_string()}};
    CAF_REQUIRE(std::string_view{boost::json::parse(quoted(once)).as_string()} == once);
  }
}

CAF_TEST(an HTTP document has the keys of the HTTP platforms and a date to the millisecond) {
  const auto what = to_document(service_d(), "service-f", "messages", document_form::http);
  CAF_CHECK_EQUAL(what.database, "service-f");
  CAF_CHECK_EQUAL(what.collection, "messages");
  CAF_CHECK_EQUAL(what.id, service_d().id);
  CAF_CHECK_EQUAL(what.body, R"({"id":"2a1c8b7e-9f33-4c2f-8a50-6b2f5b0e4a11","servicename":"Service D",)"
                             R"("message":"Shalom (שָׁלוֹם), from Service D!","createdat":{"$date":"2021-05-24T21:23:16.5Z"},)"
                             R"("hostname":"service-d-6c9d7f8b5-x2x4z"})");
  CAF_CHECK_EQUAL(to_document(service_a(), "service-c", "greetings", document_form::http).body,
                  R"({"id":"f0a8d1c5-64a6-4ae0-b7a4-d5c4ff2f9b80","servicename":"Service-A",)"
                  R"("message":"Hello, from Service-A!","createdat":{"$date":"2019-04-16T02:23:16.546Z"}})");
}

CAF_TEST(a gRPC document and its message keep the time as Go writes it) {
  CAF_CHECK_EQUAL(to_document(service_a(), "service-c", "greetings", document_form::grpc).body,
                  R"({"id":"f0a8d1c5-64a6-4ae0-b7a4-d5c4ff2f9b80","service":"Service-A",)"
                  R"("message":"Hello, from Service-A!","created":"2019-04-16 02:23:16.546749266 +0000 UTC"})");
  CAF_CHECK_EQUAL(to_json(service_a(), document_form::grpc),
                  R"({"id":"f0a8d1c5-64a6-4ae0-b7a4-d5c4ff2f9b80","service":"Service-A",)"
                  R"("message":"Hello, from Service-A!","created":"2019-04-16 02:23:16.546749266 +0000 UTC"})");
  CAF_CHECK(greeting_from_json(to_json(service_a(), document_form::grpc)).value() == service_a());
}

CAF_TEST(a document has every member but the host name even when it is empty) {
  CAF_CHECK_EQUAL(to_document({}, "d", "c", document_form::http).body,
                  R"({"id":"","servicename":"","message":"","createdat":{"$date":"1970-01-01T00:00:00Z"}})");
}

CAF_TEST(the supervision tree is written whole) {
  supervision_tree tree;
  tree.name = "service-d";
  tree.state = child_state::running;
  tree.supervises = true;
  tree.incarnation = 1;
  tree.since = *parse_timestamp("2021-05-24T21:23:16.5Z");
  supervision_tree child;
  child.name = "consumer";
  child.state = child_state::restarting;
  child.incarnation = 18446744073709551615U;
  child.restarts = 3;
  child.mailbox = 12;
  child.last_error = "storage_failed: disk \"full\"";
  child.held_up_by = "31 s";
  tree.children = {child, {}};
  CAF_CHECK_EQUAL(to_json(tree),
                  R"({"name":"service-d","state":"running","supervises":true,"incarnation":1,"restarts":0,"mailbox":0,)"
                  R"("since":"2021-05-24T21:23:16.5Z","children":[)"
                  R"({"name":"consumer","state":"restarting","supervises":false,"incarnation":18446744073709551615,)"
                  R"("restarts":3,"mailbox":12,"last_error":"storage_failed: disk \"full\"","held_up_by":"31 s",)"
                  R"("since":"1970-01-01T00:00:00Z","children":[]},)"
                  R"({"name":"","state":"waiting","supervises":false,"incarnation":0,"restarts":0,"mailbox":0,)"
                  R"("since":"1970-01-01T00:00:00Z","children":[]}]})");
}

CAF_TEST(every state of a child has a word of its own) {
  const std::vector<std::string> words{"waiting", "running", "restarting", "stopping", "stopped", "failed", "abandoned"};
  for (std::size_t i = 0; i < words.size(); ++i)
    CAF_CHECK_EQUAL(std::string{to_string(static_cast<child_state>(i))}, words[i]);
}

CAF_TEST(what the reference platforms write is read) {
  CAF_CHECK(*greeting_from_json(service_a_json) == service_a());
  CAF_CHECK(*greetings_from_json("[" + service_d_json + "," + service_a_json + "]\n")
            == std::vector<greeting>({service_d(), service_a()}));
  CAF_CHECK(*greetings_from_json(R"({"greeting":[)" + service_a_json + "]}") == std::vector<greeting>({service_a()}));
  // The gRPC platforms write the time as Go prints it.
  CAF_CHECK(
    *greetings_from_json(R"({"greeting":[{"id":"f0a8d1c5-64a6-4ae0-b7a4-d5c4ff2f9b80","service":"Service-A",)"
                         R"("message":"Hello, from Service-A!","created":"2019-04-16 02:23:16.546749266 +0000 UTC"}]})")
    == std::vector<greeting>({service_a()}));
}

CAF_TEST(empty answers of both forms are read as no greetings) {
  for (const auto* text : {"[]\n", R"({"greeting":[]})", "{}", " [ ] "}) {
    const auto read = greetings_from_json(text);
    CAF_REQUIRE_EQUAL(refusal(read), "accepted");
    CAF_CHECK(read->empty());
  }
}

CAF_TEST(escapes and other members and their order make no difference) {
  const auto read =
    greeting_from_json(R"( {"hostname":"h","trace":{"a":[1,2.5e3,null,true]},"created":"2019-04-16T02:23:16Z",)"
                       R"("message":"\u0053halom (\u05e9) \ud83d\ude42 \"\n","id":"1"} )");
  CAF_REQUIRE_EQUAL(refusal(read), "accepted");
  CAF_CHECK_EQUAL(read->message, "Shalom (ש) 🙂 \"\n");
  CAF_CHECK_EQUAL(read->service, "");
  CAF_CHECK_EQUAL(read->hostname, "h");
}

CAF_TEST(every greeting that is refused names the place) {
  const auto refused = [](std::string_view text) { return refusal(greeting_from_json(text)); };
  CAF_CHECK_EQUAL(refused(""), "undecodable: byte 1: incomplete JSON");
  CAF_CHECK_EQUAL(refused(R"({"id":"1")"), "undecodable: byte 10: incomplete JSON");
  CAF_CHECK_EQUAL(refused(R"({"id":1x})"), "undecodable: byte 8: syntax error");
  CAF_CHECK_EQUAL(refused("[]"), "undecodable: expected an object, found an array");
  CAF_CHECK_EQUAL(refused("null"), "undecodable: expected an object, found null");
  CAF_CHECK_EQUAL(refused("{}"), "undecodable: id: missing");
  CAF_CHECK_EQUAL(refused(R"({"id":"","created":"2019-04-16T02:23:16Z"})"), "undecodable: id: missing");
  CAF_CHECK_EQUAL(refused(R"({"id":"1"})"), "undecodable: created: missing");
  CAF_CHECK_EQUAL(refused(R"({"id":7})"), "undecodable: id: expected a string, found a number");
  CAF_CHECK_EQUAL(refused(R"({"id":"1","service":null})"), "undecodable: service: expected a string, found null");
  CAF_CHECK_EQUAL(refused(R"({"id":"1","message":["x"]})"), "undecodable: message: expected a string, found an array");
  CAF_CHECK_EQUAL(refused(R"({"id":"1","hostname":{}})"), "undecodable: hostname: expected a string, found an object");
  CAF_CHECK_EQUAL(refused(R"({"id":"1","created":true})"), "undecodable: created: expected a string, found a boolean");
  CAF_CHECK_EQUAL(refused(R"({"id":"1","created":"yesterday"})"),
                  "undecodable: created: timestamp, character 1: expected a year of four digits");
  CAF_CHECK_EQUAL(refused(service_a_json + "{}"),
                  "undecodable: byte " + std::to_string(service_a_json.size() + 1) + ": extra data");
}

CAF_TEST(every list of greetings that is refused names the place) {
  const auto refused = [](std::string_view text) { return refusal(greetings_from_json(text)); };
  CAF_CHECK_EQUAL(refused("7"), "undecodable: expected an array, found a number");
  CAF_CHECK_EQUAL(refused(R"({"code":14,"message":"unavailable"})"), "undecodable: greeting: missing");
  CAF_CHECK_EQUAL(refused(R"({"greeting":null})"), "undecodable: greeting: expected an array, found null");
  CAF_CHECK_EQUAL(refused("[" + service_a_json + ",[]]"), "undecodable: [1]: expected an object, found an array");
  CAF_CHECK_EQUAL(refused("[" + service_a_json + R"(,{"id":false}])"),
                  "undecodable: [1].id: expected a string, found a boolean");
  CAF_CHECK_EQUAL(refused(R"({"greeting":[{"id":"1","created":"2019"}]})"),
                  "undecodable: greeting[0].created: timestamp, character 5: expected -");
}

CAF_TEST(invalid UTF 8 and lone surrogates are refused) {
  const auto with_message = [](const std::string& message) {
    return refusal(greeting_from_json(R"({"id":"1","created":"2019-04-16T02:23:16Z","message":")" + message + "\"}"));
  };
  CAF_CHECK_EQUAL(with_message("ok"), "accepted");
  for (const auto* bad : {"\x80", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\\ud800", "\\udc00x",
                          "\n", "\x01", "\\x41"})
    CAF_CHECK(with_message(bad).starts_with("undecodable: byte "));
}

CAF_TEST(nesting is read to a depth of 16 and refused below) {
  const auto nested = [](int depth) {
    return R"({"id":"1","created":"2019-04-16T02:23:16Z","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CAF_CHECK_EQUAL(refusal(greeting_from_json(nested(15))), "accepted");
  for (const int depth : {16, 100'000}) {
    const auto why = refusal(greeting_from_json(nested(depth)));
    CAF_CHECK(why.starts_with("undecodable: byte ") && why.ends_with(": nested deeper than 16 levels"));
  }
  CAF_CHECK(refusal(greetings_from_json(std::string(1'000'000, '['))).starts_with("undecodable: byte "));
}

CAF_TEST(a text of more than 16 MiB is refused unread) {
  std::string text((std::size_t{16} << 20U) + 1, ' ');
  CAF_CHECK_EQUAL(refusal(greetings_from_json(text)), "undecodable: longer than 16 MiB");
}

CAF_TEST(every greeting that is written is read back) {
  generated any;
  for (int i = 0; i < 5000; ++i) {
    std::vector<greeting> greetings(any.below(9));
    for (auto& each : greetings)
      each = any.greeting();
    const auto array = greetings_from_json(greetings_to_json(greetings));
    CAF_REQUIRE_EQUAL(refusal(array), "accepted");
    CAF_REQUIRE(*array == greetings);
    const auto gateway = greetings_from_json(gateway_to_json(greetings));
    CAF_REQUIRE_EQUAL(refusal(gateway), "accepted");
    CAF_REQUIRE(*gateway == greetings);
    for (const auto& each : greetings) {
      const auto one = greeting_from_json(to_json(each));
      CAF_REQUIRE_EQUAL(refusal(one), "accepted");
      CAF_REQUIRE(*one == each);
    }
  }
}

CAF_TEST(a document of any greeting is a JSON object with the id) {
  generated any;
  for (int i = 0; i < 2000; ++i) {
    const auto what = any.greeting();
    for (const auto form : {document_form::http, document_form::grpc}) {
      const auto body = boost::json::parse(to_document(what, "d", "c", form).body);
      CAF_REQUIRE(std::string_view{body.at("id").as_string()} == what.id);
      CAF_REQUIRE(std::string_view{body.at("message").as_string()} == what.message);
      CAF_REQUIRE_EQUAL(body.as_object().contains("hostname"), !what.hostname.empty());
    }
  }
}
