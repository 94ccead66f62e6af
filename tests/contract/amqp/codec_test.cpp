#define CAF_SUITE amqp_codec
#include <troupe_test/suite.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/letter.hpp>

using namespace troupe;
using namespace troupe::amqp;
using namespace std::chrono_literals;

namespace {

message sample() {
  message made;
  made.id = "id";
  made.key = std::string{"k\0ey", 4};
  made.content_type = "application/json";
  made.headers = {{"two", "2"}, {"one", "1"}, {"two", "again"}, {"odd", std::string{"\0\xff", 2}}};
  made.trace.trace_id[0] = 1;
  made.trace.span_id[0] = 2;
  made.trace.decision = trace_context::sampling::sampled;
  return made;
}

properties_view view_of(const message& content, const header_list& headers) {
  properties_view view{content.content_type, content.id, {}};
  for (const auto& each : headers)
    view.headers.push_back({each.name, each.value});
  return view;
}

} // namespace

CAF_TEST(a message comes back as it was) {
  const auto sent = sample();
  const auto headers = encode_headers(sent);
  const auto got = decode(view_of(sent, headers));
  CAF_CHECK(got.content == sent);
  CAF_CHECK_EQUAL(got.delivery_count, 0u);
  CAF_CHECK(!got.note);
}

CAF_TEST(headers that a broker has sorted come back in their order) {
  const auto sent = sample();
  auto headers = encode_headers(sent);
  headers.push_back({"x-delivery-count", "3"});
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto got = decode(view_of(sent, headers));
  CAF_CHECK(got.content == sent);
  CAF_CHECK_EQUAL(got.delivery_count, 3u);
}

CAF_TEST(an order that speaks of other headers is ignored) {
  for (const auto* text : {"", "0", "0,0,1", "2,1,3", "2,1,0,", "2,1", "x,1,0", "2,1,0,3", "99999999999999999999999,1,0"}) {
    header_list headers{{"a", "1"}, {"b", "2"}, {"c", "3"}};
    const auto before = headers;
    restore_order(text, headers);
    CAF_CHECK(headers == before);
  }
  header_list headers{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  restore_order("2,1,0", headers);
  CAF_CHECK(headers == (header_list{{"c", "3"}, {"b", "2"}, {"a", "1"}}));
}

CAF_TEST(what a broker writes is not for the handler) {
  const auto got = decode({"",
                           "",
                           {{"x-death", "?"},
                            {"x-first-death-queue", "q"},
                            {"x-first-death-reason", "expired"},
                            {"x-first-death-exchange", ""},
                            {"x-delivery-count", "nonsense"},
                            {"mine", "yes"}}});
  CAF_CHECK(got.content.headers == (header_list{{"mine", "yes"}}));
  CAF_CHECK_EQUAL(got.died_in, "q");
  CAF_CHECK_EQUAL(got.died_of, "expired");
  CAF_CHECK_EQUAL(got.delivery_count, 0u);
}

CAF_TEST(a message was published at its timestamp unless that is beyond any time) {
  CAF_CHECK(decode({"", "", {}, 1764331464}).content.published_at == std::optional{timestamp{} + 1764331464s});
  for (const auto none :
       {std::optional<std::int64_t>{}, std::optional<std::int64_t>{-1}, std::optional<std::int64_t>{9'223'372'037}})
    CAF_CHECK(!decode({"", "", {}, none}).content.published_at);
}

CAF_TEST(a message of the reference platform is one) {
  const auto got = decode(
    {"application/json",
     "",
     {{"x-b3-traceid", "463ac35c9f6413ad48485a3953bb6124"}, {"x-b3-spanid", "a2fb4a1d1a96d312"}, {"x-b3-sampled", "1"}}});
  CAF_CHECK(got.content.trace.valid());
  CAF_CHECK(got.content.headers.empty());
  CAF_CHECK(got.content.id.empty());
}

CAF_TEST(a note of earlier retries comes back and nonsense is none) {
  const retry_note note{{3, 2}, timestamp{} + 5s};
  CAF_CHECK(parse_retry_note(to_text(note)) == note);
  for (const auto* text : {"", ":", "1:2", "1:2:2019-04-16T02:23:16Z", "2:1:yesterday", "-1:0:2019-04-16T02:23:16Z",
                           "99999999999:0:2019-04-16T02:23:16Z"})
    CAF_CHECK(!parse_retry_note(text));
}

CAF_TEST(what the protocol cannot carry is refused) {
  auto long_id = sample();
  long_id.id = std::string(256, 'x');
  CAF_CHECK(check_encodable(long_id, {}, 1000).has_error());
  CAF_CHECK(check_encodable(sample(), {{std::string(256, 'n'), ""}}, 1000).has_error());
  CAF_CHECK(check_encodable(sample(), {{"n", std::string(1000, 'v')}}, 1000).has_error());
  CAF_CHECK(check_encodable(sample(), {{"n", std::string(900, 'v')}}, 1000).has_value());
}

CAF_TEST(a dead letter is read and any other message becomes one with what is known) {
  dead_letter sent{sample(), {"q", 0, 7}, {errc::rejected, "no"}, 2, timestamp{} + 1s, timestamp{} + 2s, "service"};
  amqp::received as;
  as.content = sent.content;
  as.content.headers = dead_letter_headers(sent);
  CAF_CHECK(letter_of(as, "other") == sent);
  amqp::received foreign;
  foreign.content = sample();
  foreign.died_in = "q";
  foreign.died_of = "delivery_limit";
  foreign.delivery_count = 4;
  const auto letter = letter_of(foreign, "other");
  CAF_CHECK_EQUAL(letter.from.source, "q");
  CAF_CHECK_EQUAL(letter.attempts, 4u);
  CAF_CHECK(letter.why.reason.find("delivery_limit") != std::string::npos);
}

CAF_TEST(a later dead letter has a higher number and the same one always the same) {
  dead_letter one{sample(), {"q", 0, 7}, {errc::rejected, "no"},
                  2,        {},          timestamp{std::chrono::sys_days{std::chrono::year{2024} / 5 / 6}},
                  "s"};
  auto later = one;
  later.last_failure += 63ms;
  auto other = one;
  other.content.id = "other";
  auto timeless = one;
  timeless.last_failure = {};
  CAF_CHECK_EQUAL(number_of(one), number_of(one));
  CAF_CHECK(number_of(one) < number_of(later));
  CAF_CHECK_NOT_EQUAL(number_of(one), number_of(other));
  CAF_CHECK(number_of(timeless) > 0);
  CAF_CHECK(number_of(timeless) < number_of(one));
}

CAF_TEST(dead letters of one time have numbers of their own which leave room for thirty keepers) {
  dead_letter one;
  one.last_failure = timestamp{std::chrono::sys_days{std::chrono::year{2050} / 5 / 6}};
  std::set<std::int64_t> numbers;
  for (int each = 0; each < 300; ++each) {
    one.content.id = "message-" + std::to_string(each);
    numbers.insert(number_of(one));
  }
  CAF_CHECK_EQUAL(numbers.size(), 300u);
  CAF_CHECK(*numbers.rbegin() < std::numeric_limits<std::int64_t>::max() / 31);
}
