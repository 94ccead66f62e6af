#define CAF_SUITE embedded_source
#include <troupe_test/suite.hpp>

#include "embedded_transport.hpp"

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

namespace {

message make(const std::string& id) {
  message made;
  made.id = id;
  made.payload = "payload of " + id;
  return made;
}

std::set<std::string> accept(embedded_transport& in, int count, const std::string& prefix = "id-") {
  publish request;
  std::set<std::string> ids;
  for (int i = 0; i < count; ++i) {
    request.messages.push_back(make(prefix + std::to_string(i)));
    ids.insert(request.messages.back().id);
  }
  const auto answer = ask_and_wait<published>(in.system(), in.publisher(), std::move(request));
  CAF_REQUIRE(answer.has_value());
  CAF_REQUIRE(answer->complete());
  return ids;
}

journal_ptr subscribe(embedded_transport& in, journal::script script) {
  auto book = std::make_shared<journal>(std::move(script));
  static_cast<void>(in.source(spawn_handler(in, book)));
  return book;
}

void change(embedded_transport& in, const char* script) {
  CAF_REQUIRE(in.database()->write_and_wait([script](sqlite::connection& on) { return on.execute(script); }).has_value());
}

} // namespace

CAF_TEST(a second subscription of a group is refused by name and the first goes on) {
  embedded_stream in;
  const auto book = subscribe(in, all_done());
  CAF_REQUIRE(book->wait_for_done(accept(in, 1, "first-")));
  const auto second = in.source(spawn_handler(in, book));
  const auto why = end_of(in, second);
  CAF_CHECK(why.code == errc::conflict);
  CAF_CHECK(why.reason.find("'group'") != std::string::npos);
  CAF_CHECK(why.reason.find("'stream'") != std::string::npos);
  CAF_CHECK(book->wait_for_done(accept(in, 1, "second-")));
}

CAF_TEST(groups read a stream independently) {
  embedded_stream in;
  const auto ids = accept(in, 30);
  const auto first = subscribe(in, all_done());
  const auto second = std::make_shared<journal>(all_done());
  auto other = in.config();
  other.group = "other";
  static_cast<void>(in.source(spawn_handler(in, second), other));
  CAF_CHECK(first->wait_for_done(ids));
  CAF_CHECK(second->wait_for_done(ids));
}

CAF_TEST(subscriptions to a queue share its messages) {
  embedded_queue in;
  const auto first = subscribe(in, all_done());
  const auto second = subscribe(in, all_done());
  const auto ids = accept(in, 200);
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 200));
  auto both = first->done();
  both.merge(second->done());
  CAF_CHECK(both == ids);
  CAF_CHECK_EQUAL(first->seen().size() + second->seen().size(), 200u);
}

CAF_TEST(the lag is what is not settled whether it was fetched or not) {
  const auto lags = [](embedded_transport& in, double expected) {
    return in.watcher->wait_for_gauge("troupe_embedded_lag", expected);
  };
  embedded_stream stream;
  embedded_queue queue;
  for (auto* in : std::initializer_list<embedded_transport*>{&stream, &queue}) {
    accept(*in, 5, "before-");
    const auto ids = accept(*in, 2000); // more than is read ahead
    const auto silent = std::make_shared<journal>(never_answering());
    const auto first = in->source(spawn_handler(*in, silent));
    CAF_CHECK(lags(*in, 2005));
    accept(*in, 1, "after-");
    CAF_CHECK(lags(*in, 2006));
    ask_to_end(first, caf::exit_reason::kill);
    CAF_CHECK(end_of(*in, first).code == errc::actor_failed);
    const auto book = subscribe(*in, all_done());
    CAF_CHECK(book->wait_for_done(ids));
    CAF_CHECK(lags(*in, 0));
  }
}

CAF_TEST(what a subscription to a queue leaves behind another one gets) {
  embedded_queue in;
  const auto ids = accept(in, 30);
  const auto silent = std::make_shared<journal>(never_answering());
  const auto leaving = in.source(spawn_handler(in, silent));
  CAF_REQUIRE(silent->wait_for([](const auto& batches) { return batches.size() == 2; }));
  const auto book = subscribe(in, all_done());
  ask_to_end(leaving, caf::exit_reason::kill);
  CAF_CHECK(book->wait_for_done(ids));
}

CAF_TEST(a source that restarts in the same process begins at what was settled and suspects nobody) {
  embedded_stream in;
  const auto silent = std::make_shared<journal>(never_answering());
  const auto first = in.source(spawn_handler(in, silent));
  const auto ids = accept(in, 30);
  CAF_REQUIRE(silent->wait_for([](const auto& batches) { return !batches.empty(); }));
  ask_to_end(first, caf::exit_reason::kill);
  CAF_CHECK(end_of(in, first).code == errc::actor_failed);
  const auto book = subscribe(in, all_done());
  CAF_CHECK(book->wait_for_done(ids));
  CAF_CHECK_EQUAL(book->batches().front().size(), 20u);
}

CAF_TEST(a row that cannot be decoded becomes a dead letter and the others are handled) {
  embedded_stream in;
  const auto ids = accept(in, 3);
  change(in, "UPDATE messages SET headers = 'damaged' WHERE id = 'id-1'");
  const auto book = subscribe(in, all_done());
  CAF_CHECK(book->wait_for_done({"id-0", "id-2"}));
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 3));
  CAF_CHECK_EQUAL(in.watcher->last_label("troupe_embedded_dead_lettered_total"), "undecodable");
  const auto page = ask_and_wait<dead_letter_page>(in.system(), in.dead_letters(), list_dead_letters{"stream"});
  CAF_REQUIRE_EQUAL(page->letters.size(), 1u);
  CAF_CHECK_EQUAL(page->letters.front().letter.content.id, "id-1");
  CAF_CHECK_EQUAL(page->letters.front().letter.content.payload, "payload of id-1");
  CAF_CHECK(page->letters.front().letter.why.code == errc::undecodable);
}

CAF_TEST(what is removed from the file while it is parked is settled) {
  embedded_stream in;
  const auto ids = accept(in, 2);
  const auto book = subscribe(in, one_by_one([&in](const delivery& each) {
                                if (each.content.id == "id-0") {
                                  static_cast<void>(in.database()->write_and_wait([](sqlite::connection& on) {
                                    return on.execute("DELETE FROM messages WHERE id = 'id-0'");
                                  }));
                                  return reply{verdict::retry, {errc::unavailable, "away"}};
                                }
                                return reply{};
                              }));
  CAF_CHECK(in.watcher->wait_for("troupe_embedded_settled_total", 2));
  CAF_CHECK_EQUAL(book->seen().size(), 2u);
}

CAF_TEST(a message that was published without an id has one) {
  embedded_stream in;
  CAF_REQUIRE(ask_and_wait<published>(in.system(), in.publisher(), publish{{make("")}}).has_value());
  const auto book = subscribe(in, all_done());
  CAF_CHECK(book->wait_for_done({"stream-0-0"}));
}

CAF_TEST(an event without anything to do costs no wake) {
  embedded_stream in;
  const auto book = subscribe(in, all_done());
  CAF_REQUIRE(book->wait_for_done(accept(in, 5)));
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 5));
  const auto commits = in.watcher->value("troupe_sqlite_commits_total");
  const auto drained_first = ask_and_wait<drained>(in.system(), in.source(spawn_handler(in, book)), drain{1s});
  static_cast<void>(drained_first); // refused or empty: it only lets what is under way pass
  CAF_CHECK(in.watcher->value("troupe_sqlite_commits_total") <= commits + 1);
}

CAF_TEST(a subscription that cannot be ends with the reason) {
  embedded_stream in;
  auto wrong = in.config();
  wrong.group.clear();
  const auto book = std::make_shared<journal>(all_done());
  CAF_CHECK(end_of(in, in.source(spawn_handler(in, book), wrong)).code == errc::invalid);
  auto other = in.config();
  CAF_REQUIRE(!accept(in, 1).empty());
  other.from.partitions = 3;
  CAF_CHECK(end_of(in, in.source(spawn_handler(in, book), other)).code == errc::conflict);
}

CAF_TEST(a redrive of many goes back to where each came from) {
  embedded_partitions in;
  const auto ids = accept(in, 25);
  auto reject = true;
  const auto book = subscribe(in, one_by_one([&reject](const delivery&) {
                                return reject ? reply{verdict::reject, {errc::rejected, "not today"}} : reply{};
                              }));
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 25));
  redrive_dead_letters which{"stream", {}, 10};
  reject = false;
  CAF_CHECK_EQUAL(ask_and_wait<redriven>(in.system(), in.dead_letters(), which)->count, 10u);
  which.limit = 100;
  CAF_CHECK_EQUAL(ask_and_wait<redriven>(in.system(), in.dead_letters(), which)->count, 15u);
  CAF_CHECK(book->wait_for_done(ids));
  which.source = "nobody";
  CAF_CHECK_EQUAL(ask_and_wait<redriven>(in.system(), in.dead_letters(), which)->count, 0u);
}

CAF_TEST(a page of large dead letters ends early and says so) {
  embedded_stream in;
  publish request;
  for (const auto* id : {"a", "b", "c"}) {
    request.messages.push_back(make(id));
    request.messages.back().payload.resize(std::size_t{5} << 20U, 'x');
  }
  CAF_REQUIRE(ask_and_wait<published>(in.system(), in.publisher(), std::move(request)).has_value());
  const auto book = subscribe(in, one_by_one([](const delivery&) {
                                return reply{verdict::reject, {errc::rejected, "no"}};
                              }));
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 3));
  const auto first = ask_and_wait<dead_letter_page>(in.system(), in.dead_letters(), list_dead_letters{});
  CAF_REQUIRE(first.has_value());
  CAF_REQUIRE_EQUAL(first->letters.size(), 2u);
  CAF_CHECK(first->more);
  const auto after = first->letters.back().number;
  const auto last = ask_and_wait<dead_letter_page>(in.system(), in.dead_letters(), list_dead_letters{.after = after});
  CAF_REQUIRE(last.has_value());
  CAF_CHECK_EQUAL(last->letters.size(), 1u);
  CAF_CHECK(!last->more);
}

CAF_TEST(dead letters are listed in pages) {
  embedded_stream in;
  accept(in, 25);
  const auto book = subscribe(in, one_by_one([](const delivery&) {
                                return reply{verdict::reject, {errc::rejected, "no"}};
                              }));
  CAF_REQUIRE(in.watcher->wait_for("troupe_embedded_settled_total", 25));
  list_dead_letters which{"", 0, 10};
  std::set<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const auto found = ask_and_wait<dead_letter_page>(in.system(), in.dead_letters(), which);
    CAF_REQUIRE(found.has_value());
    CAF_CHECK_EQUAL(found->letters.size(), page < 2 ? 10u : 5u);
    CAF_CHECK_EQUAL(found->more, page < 2);
    for (const auto& each : found->letters)
      seen.insert(each.letter.content.id);
    which.after = found->letters.back().number;
  }
  CAF_CHECK_EQUAL(seen.size(), 25u);
  const auto none = ask_and_wait<numbered_dead_letter>(in.system(), in.dead_letters(), show_dead_letter{999});
  CAF_REQUIRE(none.has_error());
  CAF_CHECK(none.error().code == errc::not_found);
}
