#include <chrono>
#include <string>

#include <boost/json.hpp>

#define CAF_SUITE telemetry_codec
#include <troupe_test/suite.hpp>

#include <troupe/bridges/telemetry/codec.hpp>

namespace {

using namespace troupe::telemetry;
using troupe::severity;
using troupe::speaker;

constexpr std::size_t most_text = 1024;
constexpr troupe::timestamp noon{std::chrono::nanoseconds{1555381396546749266}};

log_entry entry(severity level, speaker who, std::string_view text,
                troupe::source_location where = troupe::source_location::current()) {
  return {noon, level, who, text, where};
}

boost::json::object read(std::string_view line) {
  CAF_CHECK_EQUAL(line.find('\n'), std::string_view::npos);
  return boost::json::parse(line).as_object();
}

std::string every_byte() {
  std::string result;
  for (auto c = 0; c < 256; ++c)
    result += static_cast<char>(c);
  return result;
}

std::string human(std::string_view text, paint colour = paint::plain) {
  return to_human(entry(severity::info, {"service-a", "greeter"}, text), most_text, std::chrono::hours{2}, colour);
}

} // namespace

CAF_TEST(a JSON line has the members of the reference platforms and who speaks) {
  troupe::trace_context trace;
  trace.trace_id.fill(0xAB);
  trace.span_id.fill(0x01);
  const auto line = to_json(entry(severity::warning, {"service-a", "greeter", &trace}, "late"), most_text);
  const auto seen = read(line);
  CAF_CHECK_EQUAL(seen.at("time").as_string(), "2019-04-16T02:23:16.546749266Z");
  CAF_CHECK_EQUAL(seen.at("level").as_string(), "warning");
  CAF_CHECK(std::string_view{seen.at("function").as_string()}.ends_with("run_test_impl"));
  CAF_CHECK(std::stoi(seen.at("line").as_string().c_str()) > 40);
  CAF_CHECK_EQUAL(seen.at("msg").as_string(), "late");
  CAF_CHECK_EQUAL(seen.at("service").as_string(), "service-a");
  CAF_CHECK_EQUAL(seen.at("actor").as_string(), "greeter");
  CAF_CHECK_EQUAL(seen.at("trace_id").as_string(), "abababababababababababababababab");
  CAF_CHECK_EQUAL(seen.at("span_id").as_string(), "0101010101010101");
  CAF_CHECK_EQUAL(seen.size(), 9u);
}

CAF_TEST(a JSON line leaves out what there is not ) {
  const troupe::trace_context no_trace;
  const auto seen = read(to_json(entry(severity::info, {"", "", &no_trace}, ""), most_text));
  CAF_CHECK_EQUAL(seen.size(), 5u);
  CAF_CHECK_EQUAL(seen.at("msg").as_string(), "");
}

CAF_TEST(any bytes make valid JSON on one line) {
  const auto bytes = every_byte();
  const auto seen = read(to_json(entry(severity::info, {bytes, bytes}, bytes), most_text));
  CAF_CHECK_EQUAL(std::string_view{seen.at("msg").as_string()}.substr(0, 128), std::string_view{bytes}.substr(0, 128));
  read(to_json(entry(severity::info, {}, "half a sequence \xE2\x82"), most_text));
  read(to_json(entry(severity::info, {}, "a surrogate \xED\xA0\x80"), most_text));
}

CAF_TEST(a text that is too long is cut between characters and says so) {
  std::string text(most_text - 1, 'x');
  text += "\xE2\x82\xAC and more";
  const auto seen = read(to_json(entry(severity::info, {}, text), most_text));
  CAF_CHECK_EQUAL(std::string{seen.at("msg").as_string()}, std::string(most_text - 1, 'x') + " [12 more bytes]");
  CAF_CHECK(human(text).ends_with("x [12 more bytes]"));
  text.resize(most_text);
  text.back() = 'x';
  CAF_CHECK_EQUAL(seen.at("msg").as_string().size(), most_text - 1 + 16);
  CAF_CHECK_EQUAL(read(to_json(entry(severity::info, {}, text), most_text)).at("msg").as_string().size(), most_text);
}

CAF_TEST(a line for people is short and has local time) {
  CAF_CHECK_EQUAL(human("hello"), "04:23:16.546 I service-a/greeter  hello");
  CAF_CHECK_EQUAL(to_human(entry(severity::error, {}, "no speaker"), most_text, std::chrono::hours{-3}, paint::plain),
                  "23:23:16.546 E no speaker");
  CAF_CHECK_EQUAL(to_human(entry(severity::debug, {"service-a", ""}, "x"), most_text, {}, paint::plain),
                  "02:23:16.546 D service-a  x");
}

CAF_TEST(only the level is coloured) {
  CAF_CHECK_EQUAL(human("hello", paint::coloured), "04:23:16.546 \x1b[32mI\x1b[0m service-a/greeter  hello");
}

CAF_TEST(no text can forge a line or command a terminal) {
  CAF_CHECK_EQUAL(human("a\nb"), "04:23:16.546 I service-a/greeter  a\\nb");
  CAF_CHECK_EQUAL(human("\x1b[2J\r\x7f"), "04:23:16.546 I service-a/greeter  \\x1b[2J\\x0d\\x7f");
  CAF_CHECK_EQUAL(human("\xC2\x9B and \x9B and \xC3\xA4"), "04:23:16.546 I service-a/greeter  \\x9b and \\x9b and \xC3\xA4");
}

CAF_TEST(a function goes by its qualified name) {
  const std::vector<std::pair<std::string, std::string>> names{
    {"int main()", "main"},
    {"void troupe::actors::greeter::greet(const troupe::greet&)", "troupe::actors::greeter::greet"},
    {"caf::result<int, foo> a::b(std::vector<int>)", "a::b"},
    {"a::b(int)::<lambda(auto:1)> [with auto:1 = int]", "a::b"},
    {"auto list<T>::add(T) [with T = std::pair<int, int>]", "list<T>::add"},
    {"int {anonymous}::f()", "{anonymous}::f"},
    {"int (anonymous namespace)::f(int)", "(anonymous namespace)::f"},
    {"decltype(auto) f(int)", "f"},
    {"bool a::operator()(int) const", "a::operator()"},
    {"bool a::operator<(int) const", "a::operator<"},
    {"bool a::operator==(int) const", "a::operator=="},
    {"a::operator bool() const", "a::operator bool"},
    {"void my_operator_of(int)", "my_operator_of"},
    {"troupe::x::x(int)", "troupe::x::x"},
    {"", ""},
    {"nothing", "nothing"},
    {"operator", "operator"},
    {"broken<", "broken<"}};
  for (const auto& [pretty, name] : names)
    CAF_CHECK_EQUAL(function_name(pretty), name);
}
