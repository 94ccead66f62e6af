#define CAF_SUITE topology_text

#include <troupe_test/suite.hpp>

#include <string>

#include <troupe/deploy/host/topology/topology_text.hpp>

using namespace troupe::host;

namespace {

template <class T>
bool reads(const std::string& text) {
  return text_form<T>::read(text).has_value();
}

} // namespace

CAF_TEST(a collection names its database) {
  CAF_CHECK(text_form<collection_name>::read("service-f.messages") == (collection_name{"service-f", "messages"}));
  for (const auto* text : {"messages", ".messages", "service-f.", "a.b.c", "a b.c"})
    CAF_CHECK(!reads<collection_name>(text));
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
  CAF_CHECK(is_message_text(R"({"text": "note {n}", "of": {}})"));
  for (const auto* text : {"", "{name}", R"({"from": "{host}"})"})
    CAF_CHECK(!is_message_text(text));
  CAF_CHECK(!is_message_text(std::string(1025, 'x')));
}
