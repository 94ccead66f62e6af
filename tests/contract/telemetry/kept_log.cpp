#include <string>
#include <string_view>
#include <vector>

#define CAF_SUITE telemetry_kept_log
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/kept_log.hpp>
#include <troupe/bridges/telemetry/telemetry.hpp>
#include <troupe/messages/values/trace_context.hpp>

#include "surroundings.hpp"

namespace {

using namespace troupe::telemetry_test;
using troupe::severity;
using troupe::telemetry::log_level;
using troupe::telemetry::log_wish;

boost::json::object asked(fixture& it, const log_wish& wish = {}) {
  return boost::json::parse(it.subject->recent_log().list(wish)).as_object();
}

std::vector<std::string> messages_of(fixture& it, const log_wish& wish = {}) {
  std::vector<std::string> result;
  const auto answer = asked(it, wish);
  for (const auto& each : answer.at("lines").as_array())
    result.emplace_back(each.at("message").as_string());
  return result;
}

using texts = std::vector<std::string>;

} // namespace

CAF_TEST(a line is kept with all that it says) {
  fixture it;
  troupe::trace_context trace;
  trace.trace_id.fill(0xab);
  trace.span_id.fill(0x12);
  it.start().log(severity::warning, {"service-a", "greeter", &trace}, "a \"quoted\" text");
  const auto answer = it.subject->recent_log().list({});
  CAF_CHECK_EQUAL(answer, R"({"lines":[{"number":1,"time":"2019-04-16T02:23:16.546749266Z","level":"warning",)"
                          R"("service":"service-a","actor":"greeter","message":"a \"quoted\" text",)"
                          R"("trace":"abababababababababababababababab","span":"1212121212121212"}],"next":1})");
}

CAF_TEST(a number that is yet to come is of an earlier process and wants all) {
  fixture it;
  auto& subject = it.start();
  subject.log(severity::info, {"a", "x"}, "one");
  subject.log(severity::info, {"a", "x"}, "two");
  CAF_CHECK_EQUAL(messages_of(it, {.after = 99}), (texts{"one", "two"}));
  CAF_CHECK_EQUAL(asked(it, {.after = 99}).at("next").to_number<int>(), 2);
  CAF_CHECK_EQUAL(messages_of(it, {.after = 2}), texts{});
}

CAF_TEST(lines are asked for by service and trace and level) {
  fixture it;
  it.config.level = log_level::debug;
  troupe::trace_context trace;
  trace.trace_id.fill(0xab);
  trace.span_id.fill(0x12);
  auto& subject = it.start();
  subject.log(severity::debug, {"a", "x"}, "one");
  subject.log(severity::error, {"b", "x", &trace}, "two");
  subject.log(severity::trace, {"b", "x"}, "below the level");
  CAF_CHECK_EQUAL(messages_of(it), (texts{"one", "two"}));
  CAF_CHECK_EQUAL(messages_of(it, {.service = "a"}), (texts{"one"}));
  CAF_CHECK_EQUAL(messages_of(it, {.trace = std::string(16, 'a') + std::string(16, 'b')}), (texts{}));
  CAF_CHECK_EQUAL(messages_of(it, {.trace = "abababababababababababababababab"}), (texts{"two"}));
  CAF_CHECK_EQUAL(messages_of(it, {.level = log_level::info}), (texts{"two"}));
  CAF_CHECK_EQUAL(messages_of(it, {.level = log_level::off}), (texts{}));
}

CAF_TEST(who asks with what was next misses no line and gets none twice) {
  fixture it;
  auto& subject = it.start();
  for (const auto* const each : {"one", "two", "three"})
    subject.log(severity::info, {each, "x"}, each);
  CAF_CHECK_EQUAL(messages_of(it, {.limit = 2}), (texts{"one", "two"}));
  CAF_CHECK_EQUAL(asked(it, {.limit = 2}).at("next").as_int64(), 2);
  CAF_CHECK_EQUAL(messages_of(it, {.after = 2}), (texts{"three"}));
  CAF_CHECK_EQUAL(asked(it, {.service = "one"}).at("next").as_int64(), 3);
  CAF_CHECK_EQUAL(asked(it, {.after = 3}).at("next").as_int64(), 3);
  subject.log(severity::info, {"a", "x"}, "four");
  CAF_CHECK_EQUAL(messages_of(it, {.after = 3}), (texts{"four"}));
}

CAF_TEST(the oldest lines go beyond the bound of number and that of bytes) {
  fixture it;
  it.config.log = {.lines = 3, .bytes = 4600};
  auto& subject = it.start();
  for (const auto* const each : {"one", "two", "three", "four"})
    subject.log(severity::info, {"a", "x"}, each);
  CAF_CHECK_EQUAL(messages_of(it), (texts{"two", "three", "four"}));
  const std::string large(2500, 'x');
  subject.log(severity::info, {"a", "x"}, large);
  subject.log(severity::info, {"a", "x"}, large);
  CAF_CHECK_EQUAL(messages_of(it), (texts{std::string(2048, 'x'), std::string(2048, 'x')}));
}

CAF_TEST(what a message brought stands in the log alone) {
  fixture it;
  it.start().log(severity::info, {"a", "x", nullptr, troupe::log_text::payload}, "received message: private");
  CAF_CHECK_EQUAL(it.messages(), (texts{"received message: private"}));
  CAF_CHECK_EQUAL(messages_of(it), (texts{"(a message, which stands in the log alone)"}));
}
