#define CAF_SUITE recorder
#include <troupe_test/actors.hpp>

#include <troupe/actors/recorder.hpp>
#include <troupe/messages/values/json.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

caf::result<written> all_stored(const troupe::write_documents& what) {
  return written{std::vector<written_document>(what.documents.size())};
}

struct fixture : actor_fixture {
  fixture() : store(sys, all_stored) {}
  ~fixture() override { end(store.handle()); }

  static delivery greeting_delivery(std::string id, std::optional<std::string> key = std::nullopt) {
    delivery one;
    one.from = {"service-d", 0, 7};
    one.content.id = id;
    one.content.key = std::move(key);
    one.content.payload = to_json(greeting{
      .id = std::move(id), .service = "Service-D", .message = "Shalom", .created = test_civil_time(), .hostname = {}});
    return one;
  }

  replies record(std::vector<delivery> batch) {
    const auto recorder = actors::spawn_recorder(
      context(), {.to_document = actors::greeting_documents("service-f", "messages"), .store = store.handle()});
    const auto got = ask_for<replies>(recorder, deliveries{std::move(batch)});
    end(recorder);
    CAF_REQUIRE(got->value);
    return *got->value;
  }

  scripted<troupe::write_documents, written> store;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recorder_tests, fixture)

CAF_TEST(a greeting becomes a document under its own id and is done when the store says so) {
  const auto got = record({greeting_delivery("1"), greeting_delivery("2")});
  CAF_CHECK(got.each == std::vector<reply>(2, reply{}));
  CAF_REQUIRE_EQUAL(store.asked().size(), 1u);
  const auto& first = store.asked()[0].documents[0];
  CAF_CHECK_EQUAL(first.id, "1");
  CAF_CHECK_EQUAL(first.database, "service-f");
  CAF_CHECK_EQUAL(first.collection, "messages");
}

CAF_TEST(bytes that are no greeting are rejected and the others of the batch are stored) {
  auto poison = greeting_delivery("1");
  poison.content.payload = "not json";
  const auto got = record({poison, greeting_delivery("2")});
  CAF_CHECK(got.each[0].verdict == verdict::reject);
  CAF_CHECK(got.each[0].why.code == errc::undecodable);
  CAF_CHECK(got.each[1].verdict == verdict::done);
  CAF_CHECK_EQUAL(store.asked()[0].documents.size(), 1u);
}

CAF_TEST(a batch of poison alone asks the store for nothing) {
  auto poison = greeting_delivery("1");
  poison.content.payload = "{";
  CAF_CHECK(record({poison}).each[0].verdict == verdict::reject);
  CAF_CHECK(store.asked().empty());
}

CAF_TEST(a document that the store refuses for ever rejects its delivery with the words of the store) {
  store.answer_with([](const troupe::write_documents&) {
    return caf::result<written>{
      written{{{write_outcome::duplicate, {}}, {write_outcome::refused, {errc::rejected, "too large"}}}}};
  });
  const auto got = record({greeting_delivery("1"), greeting_delivery("2")});
  CAF_CHECK(got.each[0].verdict == verdict::done);
  CAF_CHECK(got.each[1] == (reply{verdict::reject, {errc::rejected, "too large"}}));
}

CAF_TEST(a store that is away asks for a retry of the first of each key and leaves those behind it untouched) {
  store.answer_with([](const troupe::write_documents&) -> caf::result<written> {
    return to_error({errc::unavailable, "away"});
  });
  const auto got = record({greeting_delivery("1", "a"), greeting_delivery("2", "a"), greeting_delivery("3", "b")});
  CAF_CHECK(got.each[0] == (reply{verdict::retry, {errc::unavailable, "away"}}));
  CAF_CHECK(got.each[1].verdict == verdict::untouched);
  CAF_CHECK(got.each[2].verdict == verdict::retry);
}

CAF_TEST(a text is kept beside its message id and key and origin) {
  delivery one;
  one.from = {"foo-topic", 2, 41};
  one.content.id = "m-1";
  one.content.key = "17";
  one.content.payload = "This is \"message\" 17";
  const auto made = actors::text_documents("kafka-demo-b", "messages")(one);
  CAF_REQUIRE(made.has_value());
  CAF_CHECK_EQUAL(made->id, "m-1");
  CAF_CHECK_EQUAL(
    made->body,
    R"({"id":"m-1","key":"17","message":"This is \"message\" 17","source":"foo-topic","partition":2,"offset":41})");
}

CAF_TEST(ids that are not text become different documents) {
  delivery one;
  one.content.id = "\xff\xfe";
  delivery other;
  other.content.id = "\xfe\xff";
  const auto texts = actors::text_documents("reader", "messages");
  const auto text = texts(one).value();
  const auto other_text = texts(other).value();
  CAF_CHECK_EQUAL(text.id, "bytes:\\xff\\xfe");
  CAF_CHECK_EQUAL(other_text.id, "bytes:\\xfe\\xff");
  CAF_CHECK_NOT_EQUAL(text.body, other_text.body);
}

CAF_TEST_FIXTURE_SCOPE_END()
