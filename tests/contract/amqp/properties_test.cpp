#define CAF_SUITE amqp_properties
#include <troupe_test/suite.hpp>

#include <algorithm>
#include <map>

#include <amqp.h>
#include <amqp_framing.h>

#include <troupe/bridges/amqp/frames.hpp>
#include <troupe/bridges/amqp/letter.hpp>
#include <troupe/bridges/amqp/properties.hpp>

using namespace troupe;
using namespace troupe::amqp;

namespace {

std::string encoded(amqp_basic_properties_t properties) {
  std::string room(100'000, '\0');
  const auto size = amqp_encode_properties(AMQP_BASIC_CLASS, &properties, {room.size(), room.data()});
  CAF_REQUIRE(size >= 0);
  room.resize(static_cast<std::size_t>(size));
  return room;
}

amqp_table_entry_t entry(const char* name, std::uint8_t kind) {
  amqp_table_entry_t made{};
  made.key = amqp_cstring_bytes(name);
  made.value.kind = kind;
  return made;
}

/// What a broker delivers of a message with everything that there is.
struct everything {
  everything() {
    headers[0].value.value.i32 = 7;
    headers[1].value.value.boolean = 1;
    headers[2].value.value.u64 = 1'555'381'396;
    headers[3].value.value.table = {1, inner.data()};
    headers[5].value.value.bytes = amqp_cstring_bytes("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    headers[6].value.value.array = {1, names.data()};
    headers[7].value.value.table = {1, inner.data()};
    inner[0].value.value.f64 = 1.5;
    names[0].kind = AMQP_FIELD_KIND_UTF8;
    names[0].value.bytes = amqp_cstring_bytes("somebody-else");
    basic._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_HEADERS_FLAG
                   | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG
                   | AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
                   | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_USER_ID_FLAG | AMQP_BASIC_APP_ID_FLAG;
    basic.content_type = amqp_cstring_bytes("application/json");
    basic.content_encoding = amqp_cstring_bytes("gzip");
    basic.headers = {static_cast<int>(headers.size()), headers.data()};
    basic.delivery_mode = 1;
    basic.priority = 3;
    basic.correlation_id = amqp_cstring_bytes("correlation");
    basic.reply_to = amqp_cstring_bytes("answers");
    basic.expiration = amqp_cstring_bytes("60000");
    basic.message_id = amqp_cstring_bytes("id");
    basic.timestamp = 1'555'381'396;
    basic.type = amqp_cstring_bytes("greeting");
    basic.user_id = amqp_cstring_bytes("alice");
    basic.app_id = amqp_cstring_bytes("app");
  }

  std::array<amqp_table_entry_t, 1> inner{entry("half", AMQP_FIELD_KIND_F64)};
  std::array<amqp_field_value_t, 1> names{};
  std::array<amqp_table_entry_t, 8> headers{
    entry("number", AMQP_FIELD_KIND_I32),     entry("truth", AMQP_FIELD_KIND_BOOLEAN),
    entry("when", AMQP_FIELD_KIND_TIMESTAMP), entry("table", AMQP_FIELD_KIND_TABLE),
    entry("void", AMQP_FIELD_KIND_VOID),      entry("traceparent", AMQP_FIELD_KIND_UTF8),
    entry("CC", AMQP_FIELD_KIND_ARRAY),       entry("x-death", AMQP_FIELD_KIND_TABLE)};
  amqp_basic_properties_t basic{};
};

message arrived(const std::string& bytes) {
  const wire_properties read{bytes};
  CAF_REQUIRE(read.get() != nullptr);
  auto made = received_of(*read.get()).content;
  made.properties = bytes;
  made.payload = "payload";
  return made;
}

std::string published(const message& content, publication how, std::string_view user) {
  const auto headers = encode_headers(content);
  return encoded(*outgoing_properties{content, headers, how, user}.get());
}

/// Its headers by name: kind, and the value in the library's form.
std::map<std::string, std::string> headers_in(const std::string& bytes) {
  const wire_properties read{bytes};
  std::map<std::string, std::string> result;
  if ((read.get()->_flags & AMQP_BASIC_HEADERS_FLAG) == 0)
    return result;
  for (int i = 0; i < read.get()->headers.num_entries; ++i) {
    amqp_basic_properties_t one{};
    one._flags = AMQP_BASIC_HEADERS_FLAG;
    one.headers = {1, read.get()->headers.entries + i};
    result.emplace(text_of(one.headers.entries->key), encoded(one));
  }
  return result;
}

std::string without_headers(const std::string& bytes) {
  const wire_properties read{bytes};
  auto copy = *read.get();
  copy._flags &= ~AMQP_BASIC_HEADERS_FLAG;
  return encoded(copy);
}

message set_aside(message content) {
  dead_letter letter{content, {"q", 0, 7}, {errc::rejected, "no"}, 2, timestamp{}, timestamp{}, "service"};
  content.headers = dead_letter_headers(letter);
  return arrived(published(content, publication::aside, "us"));
}

message redriven_of(message letter) {
  amqp::received as;
  as.content = std::move(letter);
  return letter_of(std::move(as), "q").content;
}

} // namespace

CAF_TEST(what was set aside and sent back has every property and every header with its type) {
  const auto before = encoded(everything{}.basic);
  const auto aside = set_aside(arrived(before));
  const wire_properties waiting{aside.properties};
  CAF_CHECK_EQUAL(waiting.get()->delivery_mode, 2);
  CAF_CHECK_EQUAL(waiting.get()->_flags & (AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG), 0u);
  CAF_CHECK_EQUAL(text_of(waiting.get()->correlation_id), "correlation");
  CAF_CHECK_EQUAL(headers_in(aside.properties).at("table"), headers_in(before).at("table"));
  CAF_CHECK(!headers_in(aside.properties).contains("CC"));
  CAF_CHECK(!headers_in(aside.properties).contains("x-death"));
  const auto after = published(redriven_of(aside), publication::onward, "alice");
  CAF_CHECK(without_headers(after) == without_headers(before));
  auto wanted = headers_in(before);
  wanted.erase("CC"); // the broker would send a copy to each of these queues
  CAF_CHECK(headers_in(after) == wanted);
}

CAF_TEST(what waited for a retry before it was set aside comes back as it was too) {
  const auto before = encoded(everything{}.basic);
  const auto first = arrived(before);
  auto headers = encode_headers(first);
  headers.push_back({std::string{retry_header}, to_text({{1, 1}, timestamp{}})});
  auto delayed = arrived(encoded(*outgoing_properties{first, headers, publication::aside, "us"}.get()));
  CAF_CHECK(delayed == first);
  const auto after = published(redriven_of(set_aside(delayed)), publication::onward, "alice");
  CAF_CHECK(without_headers(after) == without_headers(before));
  auto wanted = headers_in(before);
  wanted.erase("CC");
  CAF_CHECK(headers_in(after) == wanted);
}

CAF_TEST(what had nothing has nothing when it was sent back) {
  const auto before = encoded({});
  auto came = arrived(before);
  came.id = "one-that-we-gave-it";
  const auto aside = set_aside(came);
  CAF_CHECK_EQUAL(aside.id, came.id);
  CAF_CHECK(published(redriven_of(aside), publication::onward, "us") == before);
}

CAF_TEST(what a broker set aside is sent back with the expiration that it took away) {
  std::array<amqp_table_entry_t, 1> latest{entry("original-expiration", AMQP_FIELD_KIND_UTF8)};
  latest[0].value.value.bytes = amqp_cstring_bytes("60000");
  std::array<amqp_field_value_t, 1> deaths{};
  deaths[0].kind = AMQP_FIELD_KIND_TABLE;
  deaths[0].value.table = {1, latest.data()};
  auto death = entry("x-death", AMQP_FIELD_KIND_ARRAY);
  death.value.value.array = {1, deaths.data()};
  amqp_basic_properties_t came{};
  came._flags = AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG;
  came.headers = {1, &death};
  came.correlation_id = amqp_cstring_bytes("correlation");
  const auto after = published(arrived(encoded(came)), publication::onward, "us");
  const wire_properties read{after};
  CAF_CHECK_EQUAL(text_of(read.get()->expiration), "60000");
  CAF_CHECK_EQUAL(text_of(read.get()->correlation_id), "correlation");
  CAF_CHECK(headers_in(after).empty());
}

CAF_TEST(no message is published with the user id of another login) {
  const auto aside = set_aside(arrived(encoded(everything{}.basic)));
  const auto after = published(redriven_of(aside), publication::onward, "bob");
  const wire_properties read{after};
  CAF_CHECK_EQUAL(read.get()->_flags & AMQP_BASIC_USER_ID_FLAG, 0u);
  const auto copied = published(arrived(encoded(everything{}.basic)), publication::again, "bob");
  const wire_properties copy{copied};
  CAF_CHECK_EQUAL(copy.get()->_flags & AMQP_BASIC_USER_ID_FLAG, 0u);
}

CAF_TEST(a copy is as the letter was but for the count of deliveries) {
  everything all;
  auto headers = std::vector<amqp_table_entry_t>(all.headers.begin(), all.headers.end());
  headers.push_back(entry("x-delivery-count", AMQP_FIELD_KIND_I64));
  headers.erase(headers.begin() + 6); // CC
  all.basic.headers = {static_cast<int>(headers.size()), headers.data()};
  const auto before = encoded(all.basic);
  const auto after = published(arrived(before), publication::again, "alice");
  CAF_CHECK(without_headers(after) == without_headers(before));
  auto wanted = headers_in(before);
  wanted.erase("x-delivery-count");
  CAF_CHECK(headers_in(after) == wanted);
}

CAF_TEST(bytes that are no properties are none) {
  CAF_CHECK(wire_properties{""}.get() == nullptr);
  CAF_CHECK(wire_properties{"\xff\xff\xff"}.get() == nullptr);
}

CAF_TEST(a dead letter can do without what its headers leave no room for) {
  dead_letter letter{message{.id = "id", .headers = {{"dead-letter-reason", "the author's own"}}},
                     {"q", 0, 7},
                     {errc::rejected, std::string(1000, 'x')},
                     2,
                     timestamp{},
                     timestamp{},
                     "service"};
  auto whole = letter.content;
  whole.headers = dead_letter_headers(letter);
  const auto less = shortened(whole, shortening::of_the_reason);
  CAF_CHECK_EQUAL(less.headers.size(), whole.headers.size());
  CAF_CHECK_EQUAL(less.headers[0].value, "the author's own");
  CAF_CHECK_EQUAL(dead_letter_from_headers(less)->why.reason.size(), 64u);
  CAF_CHECK(shortened(whole, shortening::of_all_facts) == letter.content);
}
