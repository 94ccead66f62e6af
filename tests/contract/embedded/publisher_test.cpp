#define CAF_SUITE embedded_publisher
#include <troupe_test/suite.hpp>

#include <future>

#include <troupe/bridges/embedded/partitioner.hpp>
#include <troupe/bridges/embedded/subscription_rows.hpp>

#include "embedded_transport.hpp"

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

namespace {

message make(const std::string& id, std::optional<std::string> key = std::nullopt) {
  message made;
  made.id = id;
  made.key = std::move(key);
  made.payload = "payload";
  return made;
}

expected<published> publish_to(embedded_transport& in, const publisher_actor& to, std::vector<message> messages) {
  return ask_and_wait<published>(in.system(), to, publish{std::move(messages)});
}

std::vector<std::pair<std::string, std::int64_t>> stored(embedded_transport& in) {
  std::vector<std::pair<std::string, std::int64_t>> found;
  const auto read = in.database()->read_and_wait([&](sqlite::connection& on) {
    return on.each("SELECT id, partition FROM source_messages",
                   [&](const sqlite::row& each) { found.emplace_back(each.text(0), each.integer(1)); });
  });
  CAF_REQUIRE(read.has_value());
  return found;
}

} // namespace

CAF_TEST(an empty publish is answered) {
  embedded_stream in;
  const auto answer = publish_to(in, in.publisher(), {});
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK(answer->complete());
}

CAF_TEST(a message that is too large is rejected and the others are not) {
  embedded::destination to{.name = "stream"};
  to.largest_message = 200;
  embedded_transport in{to};
  auto large = make("large");
  large.payload.resize(1000);
  const auto answer = publish_to(in, in.publisher(), {make("a"), large, make("b")});
  CAF_REQUIRE(answer.has_value());
  CAF_REQUIRE_EQUAL(answer->outcomes.size(), 3u);
  CAF_CHECK(answer->outcomes[0].code == errc::none);
  CAF_CHECK(answer->outcomes[1].code == errc::rejected);
  CAF_CHECK(answer->outcomes[2].code == errc::none);
  CAF_CHECK_EQUAL(stored(in).size(), 2u);
}

CAF_TEST(a key decides the partition and messages without one go round) {
  embedded_partitions in;
  std::vector<message> batch;
  for (int i = 0; i < 10; ++i) {
    batch.push_back(make("keyed", "key-" + std::to_string(i)));
    batch.push_back(make("round"));
  }
  CAF_REQUIRE(publish_to(in, in.publisher(), batch).has_value());
  std::map<std::int64_t, int> wanted;
  std::map<std::int64_t, int> keyed;
  std::map<std::int64_t, int> round;
  for (int i = 0; i < 10; ++i)
    ++wanted[embedded::partition_of("key-" + std::to_string(i), 5)];
  for (const auto& [id, partition] : stored(in))
    ++(id == "keyed" ? keyed : round)[partition];
  CAF_CHECK(keyed == wanted);
  CAF_CHECK(round == (std::map<std::int64_t, int>{{0, 2}, {1, 2}, {2, 2}, {3, 2}, {4, 2}}));
}

CAF_TEST(a destination with other properties is a conflict for every publish) {
  embedded_stream in;
  CAF_REQUIRE(publish_to(in, in.publisher(), {make("a")}).has_value());
  embedded::destination other{.name = "stream", .partitions = 2};
  const auto wrong = embedded::spawn_publisher(in.context("test/other"), in.database(), other);
  in.adopt(caf::actor_cast<caf::actor>(wrong));
  for (int i = 0; i < 2; ++i) {
    const auto answer = publish_to(in, wrong, {make("b")});
    CAF_REQUIRE(answer.has_value());
    CAF_CHECK(answer->outcomes.front().code == errc::conflict);
  }
}

CAF_TEST(a destination that cannot be ends its publisher with the reason) {
  embedded_stream in;
  const auto wrong = embedded::spawn_publisher(in.context("test/other"), in.database(), {});
  CAF_CHECK(end_of(in, wrong).code == errc::invalid); // a request that comes later finds nobody
}

CAF_TEST(beyond its bound in flight a publisher refuses at once and what it has is answered) {
  embedded::destination to{.name = "stream"};
  to.in_flight = 1;
  embedded_transport in{to};
  std::promise<void> go;
  in.database()->submit(sqlite::make_job(
    sqlite::durability::unsynced,
    [until = go.get_future().share()](sqlite::connection&) -> expected<void> {
      until.wait();
      return {};
    },
    [](const expected<void>&) {}));
  caf::scoped_actor self{in.system()};
  auto first = ask(self.ptr(), in.publisher(), 30s, publish{{make("a")}});
  const auto second = publish_to(in, in.publisher(), {make("b")});
  go.set_value();
  CAF_REQUIRE(second.has_error());
  CAF_CHECK_EQUAL(second.error().code, errc::overloaded);
  auto complete = false;
  first.receive([&complete](const published& answer) { complete = answer.complete(); }, [](const caf::error&) {});
  CAF_CHECK(complete);
}

CAF_TEST(a publisher removes messages whose retention is over) {
  embedded::destination to{.name = "stream"};
  to.keep.age = 1ns;
  to.keep.every = 1ms;
  embedded_transport in{to};
  CAF_REQUIRE(publish_to(in, in.publisher(), {make("a"), make("b")}).has_value());
  CAF_CHECK(in.watcher->wait_for("troupe_embedded_expired_total", 2));
  CAF_CHECK(stored(in).empty());
}

CAF_TEST(messages that retention removes before a group has read them are counted) {
  embedded::destination to{.name = "stream"};
  to.keep.age = 1ns;
  to.keep.every = 1ms;
  to.keep.unread_messages = embedded::unread::discard;
  embedded_transport in{to};
  const embedded::reader_name reader{"stream", embedded::destination_kind::stream, "behind", "service", 1};
  CAF_REQUIRE(in.database()
                ->write_and_wait([&](sqlite::connection& on) -> expected<void> {
                  const auto done = embedded::take_over(on, to, reader);
                  return done.has_error() ? expected<void>{done.error()} : expected<void>{};
                })
                .has_value());
  CAF_REQUIRE(publish_to(in, in.publisher(), {make("a"), make("b")}).has_value());
  CAF_CHECK(in.watcher->wait_for("troupe_embedded_removed_unread_total", 2));
  CAF_CHECK_EQUAL(in.watcher->last_label("troupe_embedded_removed_unread_total"), "behind");
}

CAF_TEST(what is published is counted after it is durable) {
  embedded_stream in;
  CAF_REQUIRE(publish_to(in, in.publisher(), {make("a"), make("b")}).has_value());
  CAF_CHECK_EQUAL(in.watcher->value("troupe_embedded_published_total"), 2.0);
}
