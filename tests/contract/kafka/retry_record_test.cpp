#define CAF_SUITE kafka_retry_record
#include <troupe_test/suite.hpp>

#include <chrono>

#include <troupe/bridges/kafka/retry_record.hpp>

using namespace troupe;
using namespace troupe::kafka;
using namespace std::chrono_literals;

namespace {

retry_record example() {
  retry_record made;
  made.letter.content.id = "one";
  made.letter.content.key = "key";
  made.letter.content.payload = "bytes";
  made.letter.content.headers = {{"tenant", "a"}, {"tenant", "b"}};
  made.letter.from = {"topic", 2, 40};
  made.letter.why = {errc::unavailable, "the store is away"};
  made.letter.attempts = 7;
  made.letter.first_failure = timestamp{1h};
  made.letter.last_failure = timestamp{2h};
  made.letter.service = "reader";
  made.group = "readers";
  made.answered = 5;
  made.due = timestamp{2h + 5s + 1ns};
  return made;
}

message as_written(const retry_record& record) {
  auto content = record.letter.content;
  content.headers = retry_headers(record);
  return content;
}

// Without a header, and with another value of it.
message changed(const std::string& name, const std::optional<std::string>& value) {
  auto content = as_written(example());
  std::erase_if(content.headers, [&](const header& each) { return each.name == name; });
  if (value)
    content.headers.push_back({name, *value});
  return content;
}

} // namespace

CAF_TEST(a retry is read as it was written and its message has only its own headers) {
  const auto read = retry_from_headers(as_written(example()));
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(*read == example());
}

CAF_TEST(a header of the message with the same name stays as it is) {
  auto made = example();
  made.letter.content.headers.push_back({"retry-group", "of the author"});
  const auto read = retry_from_headers(as_written(made));
  CAF_REQUIRE(read.has_value());
  CAF_CHECK(*read == made);
}

CAF_TEST(a message that is not a retry is reported with the wrong header) {
  for (const auto* name : {"retry-group", "retry-answered", "retry-due", "dead-letter-source"}) {
    const auto read = retry_from_headers(changed(name, std::nullopt));
    CAF_REQUIRE(read.has_error());
    CAF_CHECK_EQUAL(read.error().code, errc::undecodable);
  }
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
         {"retry-answered", "many"}, {"retry-answered", "8"}, {"retry-answered", "-1"}, {"retry-due", "soon"}}) {
    const auto read = retry_from_headers(changed(name, value));
    CAF_REQUIRE(read.has_error());
    CAF_CHECK_NOT_EQUAL(read.error().reason.find(name), std::string::npos);
  }
}
