#define CAF_SUITE topology_text

#include <troupe_test/suite.hpp>

#include <chrono>
#include <optional>
#include <string>

#include <troupe/deploy/node/topology_choices.hpp>
#include <troupe/deploy/node/topology_text.hpp>

using namespace std::chrono_literals;
using namespace troupe::node;
using troupe::duration;

namespace {

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
  CAF_CHECK(is_loopback({"127.0.0.1", 1}));
  CAF_CHECK(is_loopback({"::1", 1}));
  CAF_CHECK(!is_loopback({"0.0.0.0", 1}));
  CAF_CHECK(!is_loopback({"::", 1}));
}

CAF_TEST(numbers are neither negative nor infinite) {
  CAF_CHECK(text_form<std::uint32_t>::read("42") == 42U);
  CAF_CHECK(text_form<double>::read("0.25") == 0.25);
  for (const auto* text : {"", "-1", "+1", "1e3", "0x10", "4294967296", "1 "})
    CAF_CHECK(!reads<std::uint32_t>(text));
  for (const auto* text : {"", "-0.5", "inf", "nan", ".5", "1,5"})
    CAF_CHECK(!reads<double>(text));
}

CAF_TEST(none stands only where a value may be left out) {
  CAF_CHECK(text_form<std::optional<duration>>::read("none") == std::optional<std::optional<duration>>{std::in_place});
  CAF_CHECK(!reads<std::optional<duration>>("forever"));
  CAF_CHECK(!reads<std::optional<byte_size>>("64MB"));
  CAF_CHECK(!reads<duration>("none"));
  CAF_CHECK_EQUAL(again<std::optional<duration>>("7d"), "7d");
  CAF_CHECK_EQUAL(again<std::optional<duration>>("none"), "none");
}

CAF_TEST(a collection names its database) {
  CAF_CHECK(text_form<collection_name>::read("service-f.messages") == (collection_name{"service-f", "messages"}));
  for (const auto* text : {"messages", ".messages", "service-f.", "a.b.c", "a b.c"})
    CAF_CHECK(!reads<collection_name>(text));
}

CAF_TEST(a choice reads each of its words and prints the first) {
  CAF_CHECK(text_form<log_level>::read("warn") == log_level::warning);
  CAF_CHECK_EQUAL(again<log_level>("warn"), "warning");
  CAF_CHECK_EQUAL(again<log_level>("panic"), "off");
  CAF_CHECK(!reads<log_level>("Info"));
  CAF_CHECK(!reads<transport>("carrier-pigeon"));
}

CAF_TEST(names of services are labels and names of channels are topics) {
  for (const auto* name : {"a", "service-a", "a1", "kafka-demo-b"})
    CAF_CHECK(is_service_name(name));
  for (const auto* name : {"", "Service", "1a", "-a", "a-", "a_b", "a.b"})
    CAF_CHECK(!is_service_name(name));
  CAF_CHECK(!is_service_name(std::string(64, 'a')));
  for (const auto* name : {"foo-topic", "service-d.greeting", "A_1"})
    CAF_CHECK(is_channel_name(name));
  for (const auto* name : {"", ".", "..", "a b", "a/b"})
    CAF_CHECK(!is_channel_name(name));
}

CAF_TEST(a produced text has only the placeholders that are filled in) {
  CAF_CHECK(is_message_text("This is message {n} from host {hostname}"));
  CAF_CHECK(is_message_text("plain"));
  for (const auto* text : {"", "{name}", "{n", "n}", "{}", "{{n}}"})
    CAF_CHECK(!is_message_text(text));
  CAF_CHECK(!is_message_text(std::string(1025, 'x')));
}

CAF_TEST(a topology tells where a secret is and never the secret) {
  CAF_CHECK_EQUAL(again<troupe::secret_reference>("file:/run/secrets/token"), "file:/run/secrets/token");
  for (const auto* text : {"hunter2", "env:", "file:", ""})
    CAF_CHECK(!reads<troupe::secret_reference>(text));
}
