#define CAF_SUITE settings_text

#include <troupe_test/suite.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <troupe/messages/settings/text.hpp>

using namespace std::chrono_literals;
using namespace troupe::settings;
using troupe::duration;
using troupe::endpoint;

namespace {

enum class colour { red, grey };

constexpr auto words_of(colour) {
  return words<colour>({{"red", colour::red}, {"grey", colour::grey}, {"gray", colour::grey}});
}

template <class T>
bool reads(const std::string& text) {
  return text_form<T>::read(text).has_value();
}

template <class T>
std::string again(const std::string& text) {
  const auto value = text_form<T>::read(text);
  return value ? text_form<T>::print(*value) : "not read";
}

} // namespace

CAF_TEST(a duration is a whole number with a unit) {
  CAF_CHECK(text_form<duration>::read("200ms") == duration{200ms});
  CAF_CHECK(text_form<duration>::read("5s") == duration{5s});
  CAF_CHECK(text_form<duration>::read("5min") == duration{5min});
  CAF_CHECK(text_form<duration>::read("2h") == duration{2h});
  CAF_CHECK(text_form<duration>::read("7d") == duration{168h});
  CAF_CHECK(text_form<duration>::read("0s") == duration::zero());
}

CAF_TEST(what only looks like a duration is none) {
  for (const auto* text : {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "5sec", "99999999999999999999s", "9223372037s", "5s "})
    CAF_CHECK(!reads<duration>(text));
}

CAF_TEST(a duration is printed in the largest unit that divides it) {
  CAF_CHECK_EQUAL(again<duration>("60s"), "1min");
  CAF_CHECK_EQUAL(again<duration>("90s"), "90s");
  CAF_CHECK_EQUAL(again<duration>("24h"), "1d");
  CAF_CHECK_EQUAL(again<duration>("1500ms"), "1500ms");
  CAF_CHECK_EQUAL(again<duration>("0ms"), "0s");
}

CAF_TEST(a size is a whole number with a binary unit) {
  CAF_CHECK_EQUAL(text_form<byte_size>::read("64MiB")->bytes, 64U << 20U);
  CAF_CHECK_EQUAL(again<byte_size>("1024KiB"), "1MiB");
  CAF_CHECK_EQUAL(again<byte_size>("1500B"), "1500B");
  for (const auto* text : {"64MB", "64", "MiB", "1.5GiB", "-1B", "99999999999TiB"})
    CAF_CHECK(!reads<byte_size>(text));
}

CAF_TEST(an endpoint has a numeric address and a port) {
  CAF_CHECK(text_form<endpoint>::read("10.0.0.1:80") == (endpoint{"10.0.0.1", 80}));
  CAF_CHECK(text_form<endpoint>::read("[::1]:8080") == (endpoint{"::1", 8080}));
  CAF_CHECK(text_form<endpoint>::read(":8080") == (endpoint{"::", 8080}));
  CAF_CHECK(text_form<endpoint>::read("localhost:0") == (endpoint{"127.0.0.1", 0}));
  CAF_CHECK_EQUAL(again<endpoint>("[::1]:8080"), "[::1]:8080");
  for (const auto* text :
       {"", "8080", "localhost", "example.org:80", "1.2.3.4:65536", "1.2.3.4:", "::1:80", "[::1:80", "[]:80", "1:2:3"})
    CAF_CHECK(!reads<endpoint>(text));
}

CAF_TEST(only an address of this machine alone is loopback) {
  for (const auto* address : {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
    CAF_CHECK(troupe::is_loopback(address));
  for (const auto* address : {"0.0.0.0", "::", "127.example.org", ""})
    CAF_CHECK(!troupe::is_loopback(address));
}

CAF_TEST(numbers are neither negative nor infinite) {
  CAF_CHECK(text_form<std::uint32_t>::read("42") == 42U);
  CAF_CHECK(text_form<double>::read("0.25") == 0.25);
  for (const auto* text : {"", "-1", "+1", "1e3", "0x10", "4294967296", "1 "})
    CAF_CHECK(!reads<std::uint32_t>(text));
  for (const auto* text : {"", "-0.5", "inf", "nan", ".5", "1,5"})
    CAF_CHECK(!reads<double>(text));
}

CAF_TEST(a choice reads each of its words and prints the first) {
  CAF_CHECK(text_form<colour>::read("grey") == colour::grey);
  CAF_CHECK_EQUAL(again<colour>("gray"), "grey");
  CAF_CHECK_EQUAL(text_form<colour>::names(), (std::vector<std::string>{"red", "grey", "gray"}));
  CAF_CHECK(!reads<colour>("Red"));
}

CAF_TEST(a topology says where a secret is and never the secret) {
  CAF_CHECK_EQUAL(again<troupe::secret_reference>("file:/run/secrets/token"), "file:/run/secrets/token");
  for (const auto* text : {"hunter2", "env:", "file:", ""})
    CAF_CHECK(!reads<troupe::secret_reference>(text));
}
