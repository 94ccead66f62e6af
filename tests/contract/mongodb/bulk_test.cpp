#define CAF_SUITE mongodb_bulk
#include <troupe_test/suite.hpp>

#include <stdexcept>

#include <troupe/bridges/mongodb/bulk.hpp>

namespace {

using namespace troupe;

expected<mongodb::bulk_outcome> read(const std::string& reply, std::size_t count) {
  bson_error_t problem{};
  bson_t value;
  if (!bson_init_from_json(&value, reply.data(), static_cast<ssize_t>(reply.size()), &problem))
    throw std::runtime_error(problem.message);
  auto result = mongodb::read_reply(value, count);
  bson_destroy(&value);
  return result;
}

expected<mongodb::bulk_outcome> read_one(const std::string& error) {
  return read(R"({"nInserted":0,"writeErrors":[{"index":0,)" + error + "}]}", 1);
}

constexpr auto stored = write_outcome::stored;
constexpr auto duplicate = write_outcome::duplicate;
constexpr auto refused = write_outcome::refused;

} // namespace

CAF_TEST(each document has its own outcome) {
  const auto outcome =
    read(R"({"nInserted":2,"writeErrors":[{"index":1,"code":11000,"errmsg":"E11000 duplicate key error"},)"
         R"({"index":3,"code":121,"errmsg":"Document failed validation"}]})",
         4);
  CAF_REQUIRE(outcome.has_value());
  const auto& each = outcome->each;
  CAF_CHECK(each[0].outcome == stored);
  CAF_CHECK(each[1].outcome == duplicate);
  CAF_CHECK(each[2].outcome == stored);
  CAF_CHECK((each[3] == written_document{refused, {errc::rejected, "Document failed validation (error 121)"}}));
}

CAF_TEST(a duplicate is one of the id and no other) {
  const auto outcome = [](const std::string& error) { return read_one(error)->each.front().outcome; };
  CAF_CHECK(
    outcome(R"("code":11000,"errmsg":"E11000 duplicate key error collection: d.c index: _id_ dup key: { _id: \"a\" }")")
    == duplicate);
  CAF_CHECK(outcome(R"("code":11000,"keyPattern":{"_id":1},"errmsg":"E11000")") == duplicate);
  CAF_CHECK(outcome(R"("code":11000,"errmsg":"E11000 duplicate key error index: d.c.$_id_ dup key: { : 1 }")") == duplicate);
  CAF_CHECK(outcome(R"("code":11001,"errmsg":"E11001")") == duplicate);
  CAF_CHECK(
    outcome(R"("code":11000,"errmsg":"E11000 duplicate key error collection: d.c index: mail_1 dup key: { mail: 1 }")")
    == refused);
  CAF_CHECK(outcome(R"("code":11000,"keyPattern":{"mail":1},"errmsg":"E11000")") == refused);
}

CAF_TEST(a duplicate is proven only where the key is compared by its bytes and named) {
  const auto proven = [](const std::string& error) { return read_one(error)->unproven.empty(); };
  CAF_CHECK(proven(R"("code":11000,"keyPattern":{"_id":1},"errmsg":"E11000 ... index: _id_ dup key: { _id: \"a\" }")"));
  CAF_CHECK(proven(R"("code":11000,"errmsg":"E11000 duplicate key error collection: d.c index: _id_ dup key: { : 1 }")"));
  CAF_CHECK(!proven(R"("code":11000,"errmsg":"E11000 duplicate key error")"));
  CAF_CHECK(
    !proven(R"("code":11000,"keyPattern":{"_id":1},"errmsg":"E11000 duplicate key error collection: d.c index: _id_ )"
            R"(collation: { locale: \"en\" } dup key: { _id: \"CollationKey(0x29)\" }")"));
  CAF_CHECK(
    !proven(R"("code":11000,"errmsg":"E11000 duplicate key error collection: d.c index: _id_ collation: { } dup key")"));
}

CAF_TEST(a document is there already only where the one that is there has its id) {
  const auto id = [](std::size_t index) { return index == 0 ? std::string{"one"} : std::string{"ONE"}; };
  const mongodb::bulk_outcome outcome{{{duplicate, {}}, {duplicate, {}}, {stored, {}}}, {0, 1}};
  const auto proven = mongodb::prove(outcome, id, [](const std::string&) { return std::optional{std::string{"one"}}; });
  CAF_REQUIRE(proven.has_value());
  CAF_CHECK((*proven)[0].outcome == duplicate);
  CAF_CHECK((*proven)[1].outcome == refused);
  CAF_CHECK((*proven)[1].why.reason.find("of the document one") != std::string::npos);
  const auto other = mongodb::prove(outcome, id, [](const std::string&) { return std::optional<std::string>{}; });
  CAF_REQUIRE(other.has_value()); // of another unique key
  CAF_CHECK((*other)[0].outcome == refused);
  CAF_CHECK((*other)[2].outcome == stored);
  const auto unseen = mongodb::prove(outcome, id, [](const std::string&) { return failure{errc::invalid, "no right"}; });
  CAF_CHECK(unseen.has_error() && is_transient(unseen.error().code));
}

CAF_TEST(a transient error of one is one of all because the others may be written again) {
  const auto outcome = read(R"({"nInserted":1,"writeErrors":[{"index":1,"code":10107,"errmsg":"not master"}]})", 2);
  CAF_REQUIRE(outcome.has_error());
  CAF_CHECK((outcome.error() == failure{errc::unavailable, "not master (error 10107)"}));
}

CAF_TEST(what was not acknowledged by enough servers is not durable) {
  const auto outcome =
    read(R"({"nInserted":2,"writeConcernErrors":[{"code":64,"errmsg":"waiting for replication timed out"}]})", 2);
  CAF_REQUIRE(outcome.has_error());
  CAF_CHECK(outcome.error().code == errc::storage_failed);
  CAF_CHECK(is_transient(outcome.error().code));
  const auto wrong = read(R"({"nInserted":1,"writeConcernErrors":[{"code":2,"errmsg":"no such mode"}]})", 1);
  CAF_CHECK(is_transient(wrong.error().code));
}

CAF_TEST(a reply that does not speak of all documents proves nothing) {
  for (const auto* const reply :
       {"{}", R"({"nInserted":1})", R"({"nInserted":"2"})", R"({"nInserted":1,"writeErrors":[]})",
        R"({"nInserted":2,"writeErrors":7})", R"({"nInserted":1,"writeErrors":[{"index":2,"code":11000,"errmsg":""}]})",
        R"({"nInserted":1,"writeErrors":[{"index":-1,"code":11000,"errmsg":""}]})",
        R"({"nInserted":1,"writeErrors":[{"code":11000}]})"}) {
    const auto outcome = read(reply, 2);
    if (std::string_view{reply} == R"({"nInserted":2,"writeErrors":7})")
      CAF_CHECK(outcome.has_value());
    else
      CAF_CHECK(outcome.has_error() && is_transient(outcome.error().code));
  }
}
