#define CAF_SUITE kafka_differences
#include <troupe_test/suite.hpp>

#include <troupe/bridges/kafka/administration.hpp>

using namespace troupe::kafka;

namespace {

using operation = permission_wish::operation;
using resource = permission_wish::resource;
using remedy_kind = difference::remedy_kind;
using texts = std::vector<std::string>;

const permission_wish alice_reads{"User:alice", resource::topic, "foo-topic", operation::read};

texts texts_of(const std::vector<difference>& found, remedy_kind how) {
  texts result;
  for (const auto& each : found) {
    CAF_CHECK(each.remedy == how);
    result.push_back(each.text);
  }
  return result;
}

} // namespace

CAF_TEST(a topic that is not there is to be created) {
  CAF_CHECK(texts_of(compare(std::vector<topic_wish>{{"foo", 3, 3, {}}, {"bar", 1, 1, {}}}, {{"other", 1, 1, {}}}),
                     remedy_kind::apply)
            == (texts{"create the topic foo with 3 partitions and 3 replicas",
                      "create the topic bar with 1 partition and 1 replica"}));
}

CAF_TEST(a topic that is as wished is no difference) {
  CAF_CHECK(compare(std::vector<topic_wish>{{"foo", 3, 1, {{"retention.ms", "1000"}}}},
                    {{"bar", 9, 9, {}}, {"foo", 3, 1, {{"cleanup.policy", "delete"}, {"retention.ms", "1000"}}}})
              .empty());
}

CAF_TEST(a difference in a topic is reported and not removed) {
  const auto found = compare(
    std::vector<topic_wish>{{"foo", 3, 3, {{"retention.ms", "1000"}, {"cleanup.policy", "compact"}, {"segment.ms", "7"}}}},
    {{"foo", 1, 2, {{"retention.ms", "2000"}, {"cleanup.policy", "compact"}}}});
  CAF_CHECK(texts_of(found, remedy_kind::report)
            == (texts{"the topic foo has 1 partition, not 3", "the topic foo has 2 replicas, not 3",
                      "the topic foo has retention.ms 2000, not 1000", "the topic foo has segment.ms unset, not 7"}));
}

CAF_TEST(a permission that is missing is to be given and one that is there is not) {
  auto group = alice_reads;
  group.kind = resource::group;
  group.name = "group-A";
  auto writes = alice_reads;
  writes.allowed = operation::write;
  auto bob = alice_reads;
  bob.principal = "User:bob";
  CAF_CHECK(compare(std::vector{alice_reads}, {bob, alice_reads}).empty());
  CAF_CHECK(texts_of(compare(std::vector{alice_reads, group, writes, bob}, {alice_reads}), remedy_kind::apply)
            == (texts{"allow User:alice to read the group group-A", "allow User:alice to write the topic foo-topic",
                      "allow User:bob to read the topic foo-topic"}));
}

CAF_TEST(the text of a permission names principal operation and resource) {
  auto describes = alice_reads;
  describes.allowed = operation::describe;
  CAF_CHECK_EQUAL(to_string(alice_reads), "allow User:alice to read the topic foo-topic");
  CAF_CHECK_EQUAL(to_string(describes), "allow User:alice to describe the topic foo-topic");
}
