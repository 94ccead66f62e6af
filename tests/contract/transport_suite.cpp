// What every transport must do.

#include "transport_suite.hpp"

#include <utility>
#include <vector>

#include "transport_fixture.hpp"

namespace troupe::contract {

namespace {

using run_test = void (*)(transport&);

/// A test of the suite for one transport.
class transport_test final : public caf::test::test {
public:
  transport_test(const char* name, make_transport make, run_test run) : test(name, false), make_(make), run_(run) {}

  void run_test_impl() override {
    const auto peer = make_();
    run_(*peer);
  }

private:
  const make_transport make_;
  const run_test run_;
};

/// Transports and tests, in the order in which the linker has put them.
struct registered {
  std::vector<std::pair<const char*, make_transport>> transports;
  std::vector<std::pair<const char*, run_test>> tests;
};

registered& everything() {
  static registered known;
  return known;
}

void add(const char* suite, make_transport make, const char* name, run_test run) {
  caf::test::engine::add(suite, std::make_unique<transport_test>(name, make, run));
}

bool add_test(const char* name, run_test run) {
  everything().tests.emplace_back(name, run);
  for (const auto& [suite, make] : everything().transports)
    add(suite, make, name, run);
  return true;
}

#define TRANSPORT_TEST(name)                                                                                                \
  struct CAF_UNIQUE(test) : transport_fixture {                                                                             \
    using transport_fixture::transport_fixture;                                                                             \
    void run();                                                                                                             \
  };                                                                                                                        \
  const bool CAF_UNIQUE(added) = add_test(CAF_XSTR(name), [](transport& peer) { CAF_UNIQUE(test){peer}.run(); });           \
  void CAF_UNIQUE(test)::run()

TRANSPORT_TEST(what is published arrives as it was) {
  const auto sent = accept(3, 2);
  const auto book = subscribe(all_done());
  CAF_REQUIRE(book->wait_for(all_seen(sent)));
  for (const auto& each : book->seen()) {
    const auto original = std::find_if(sent.begin(), sent.end(), [&](const auto& any) { return any.id == each.content.id; });
    CAF_REQUIRE(original != sent.end());
    CAF_CHECK(each.content == *original);
    CAF_CHECK_EQUAL(each.attempts, 0u);
  }
}

TRANSPORT_TEST(a subscription wakes when something is published) {
  const auto book = subscribe(all_done());
  const auto first = accept(1, 1);
  CAF_CHECK(book->wait_for(all_seen(first)));
  const auto second = accept(1, 1);
  CAF_CHECK(book->wait_for(all_seen(second)));
}

TRANSPORT_TEST(messages of one key arrive in their order) {
  std::vector<message> sent;
  for (int i = 0; i < 10; ++i)
    for (auto& each : accept(60, 7))
      sent.push_back(std::move(each));
  const auto book = subscribe(all_done());
  CAF_REQUIRE(book->wait_for(all_seen(sent)));
  std::map<std::string, std::vector<std::string>> wanted;
  std::map<std::string, std::vector<std::string>> seen;
  for (const auto& each : sent)
    wanted[*each.key].push_back(each.id);
  for (const auto& each : book->seen())
    seen[*each.content.key].push_back(each.content.id);
  if (kept(peer.promised().order_per_key))
    CAF_CHECK(seen == wanted);
}

TRANSPORT_TEST(a delivery that fails comes again after a delay and its key waits behind it) {
  const auto sent = accept(6, 2);
  const auto book = subscribe(one_by_one([&sent](const delivery& each) {
    return each.content.id == sent[0].id && each.attempts < 2 ? reply{verdict::retry, transient} : reply{};
  }));
  CAF_REQUIRE(book->wait_for_done(ids_of(sent)));
  CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
  std::vector<std::uint32_t> attempts;
  for (const auto& each : book->seen())
    if (each.content.id == sent[0].id)
      attempts.push_back(each.attempts);
  CAF_CHECK(attempts == (std::vector<std::uint32_t>{0, 1, 2}));
  // What the handler left untouched behind it came again, and only after it was done.
  const auto seen = book->seen();
  const auto last = [&seen](const std::string& id) {
    const auto found = std::find_if(seen.rbegin(), seen.rend(), [&](const auto& each) { return each.content.id == id; });
    return std::distance(found, seen.rend());
  };
  if (kept(peer.promised().order_per_key)) {
    CAF_CHECK(last(sent[0].id) < last(sent[2].id));
    CAF_CHECK(last(sent[2].id) < last(sent[4].id));
  }
  CAF_CHECK(letters().empty());
}

TRANSPORT_TEST(nothing is settled before its handler has answered) {
  const auto sent = accept(50, 5);
  const auto silent = subscribe(never_answering());
  CAF_REQUIRE(silent->wait_for([](const batches& all) { return !all.empty(); }));
  restart(ending::abrupt);
  const auto book = subscribe(all_done());
  CAF_CHECK(book->wait_for(all_seen(sent)));
}

TRANSPORT_TEST(a delivery that keeps failing becomes a dead letter with its bytes unchanged) {
  const auto sent = accept(4, 1);
  const auto book = subscribe(one_by_one([&sent](const delivery& each) {
    return each.content.id == sent[1].id ? reply{verdict::retry, transient} : reply{};
  }));
  CAF_REQUIRE(book->wait_for_done(ids_of(sent, sent[1].id))); // those behind it, when it has been set aside
  CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
  CAF_CHECK_EQUAL(times_seen(book->batches(), sent[1].id), peer.delays() + 1);
  if (!kept(peer.promised().keeps_dead_letters))
    return;
  const auto found = letters();
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  const auto& letter = found.front().letter;
  CAF_CHECK(letter.content == sent[1]);
  CAF_CHECK_EQUAL(letter.why, transient);
  CAF_CHECK_EQUAL(letter.attempts, peer.delays() + 1);
  CAF_CHECK(letter.first_failure < letter.last_failure);
  CAF_CHECK(!letter.service.empty());
  const auto seen = book->seen();
  const auto handled =
    std::find_if(seen.begin(), seen.end(), [&](const auto& each) { return each.content.id == sent[1].id; });
  CAF_CHECK(letter.from == handled->from);
  const auto shown =
    ask_and_wait<numbered_dead_letter>(peer.system(), peer.dead_letters(), show_dead_letter{found.front().number});
  CAF_REQUIRE(shown.has_value());
  CAF_CHECK(shown->letter == letter);
}

TRANSPORT_TEST(a rejected delivery becomes a dead letter at once) {
  const auto sent = accept(3, 0);
  const auto book = subscribe(one_by_one([&sent](const delivery& each) {
    return each.content.id == sent[0].id ? reply{verdict::reject, permanent} : reply{};
  }));
  CAF_REQUIRE(book->wait_for(all_seen(sent)));
  CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
  CAF_CHECK_EQUAL(times_seen(book->batches(), sent[0].id), 1u);
  if (!kept(peer.promised().keeps_dead_letters))
    return;
  const auto found = letters();
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found.front().letter.why, permanent);
  CAF_CHECK_EQUAL(found.front().letter.attempts, 1u);
}

TRANSPORT_TEST(a dead letter outlives an abrupt end and its delivery does not come again where that is one step) {
  const auto sent = accept(3, 1);
  auto book = subscribe(one_by_one([&sent](const delivery& each) {
    return each.content.id == sent[0].id ? reply{verdict::reject, permanent} : reply{};
  }));
  CAF_REQUIRE(book->wait_for_done({sent[1].id})); // its key went on, so it has been set aside
  restart(ending::abrupt);
  book = subscribe(all_done());
  const auto more = accept(1, 1);
  CAF_REQUIRE(book->wait_for(all_seen(more)));
  if (kept(peer.promised().settles_with_letters))
    CAF_CHECK_EQUAL(times_seen(book->batches(), sent[0].id), 0u);
  if (kept(peer.promised().keeps_dead_letters))
    CAF_CHECK_EQUAL(letters().size(), 1u);
}

TRANSPORT_TEST(nothing becomes a dead letter while a breaker is open) {
  const auto sent = accept(20, 4);
  auto rounds = 0;
  const auto away = [&rounds](const std::vector<delivery>& batch) -> journal::answer {
    if (++rounds > 15)
      return all_done()(batch);
    replies answer;
    answer.each.resize(batch.size(), {verdict::untouched, {errc::none, {}}});
    answer.pause = hold{std::chrono::milliseconds{2}, 1};
    return answer;
  };
  const auto book = subscribe(away);
  CAF_REQUIRE(book->wait_for_done(ids_of(sent)));
  CAF_CHECK(book->batches().size() > 15);
  for (const auto& each : book->seen())
    CAF_CHECK_EQUAL(each.attempts, 0u);
  CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
  CAF_CHECK(letters().empty());
}

TRANSPORT_TEST(after a pause one probe at a time is handed out) {
  const auto sent = accept(20, 0);
  auto rounds = 0;
  const auto book = subscribe([&rounds](const std::vector<delivery>& batch) -> journal::answer {
    replies answer;
    answer.each.resize(batch.size(), {++rounds < 5 ? verdict::untouched : verdict::done, {errc::none, {}}});
    if (rounds < 5)
      answer.pause = hold{std::chrono::milliseconds{2}, 1};
    return answer;
  });
  CAF_REQUIRE(book->wait_for_done(ids_of(sent)));
  for (auto i = peer.batches_in_flight(); i < 5; ++i)
    CAF_CHECK_EQUAL(book->batches()[i].size(), 1u);
}

TRANSPORT_TEST(an end in the middle of a batch loses nothing) {
  const auto sent = accept(200, 11);
  std::set<std::string> handled;
  for (int life = 0; life < 3; ++life) {
    auto answered = 0;
    const auto book = subscribe([&answered](const std::vector<delivery>& batch) -> journal::answer {
      return ++answered > 1 ? journal::answer{std::monostate{}} : all_done()(batch);
    });
    CAF_REQUIRE(book->wait_for([](const batches& all) { return all.size() >= 2; }));
    handled.merge(book->done());
    restart(ending::abrupt);
  }
  const auto book = subscribe(all_done());
  auto rest = ids_of(sent);
  for (const auto& each : handled)
    rest.erase(each);
  CAF_CHECK(book->wait_for_done(rest));
  CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
  CAF_CHECK(letters().empty());
}

TRANSPORT_TEST(orderly ends lose nothing and repeat nothing) {
  std::vector<message> sent;
  batches all;
  for (int life = 0; life < 4; ++life) {
    const auto book = subscribe(all_done());
    for (auto& each : accept(70, 3))
      sent.push_back(std::move(each));
    CAF_REQUIRE(book->wait_for([](const batches& some) { return !some.empty(); }));
    CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
    const auto seen = book->batches();
    all.insert(all.end(), seen.begin(), seen.end());
    restart(ending::orderly);
  }
  const auto book = subscribe(all_done());
  for (auto& each : accept(1, 1))
    sent.push_back(std::move(each));
  CAF_REQUIRE(book->wait_for([&](const batches& some) {
    auto both = all;
    both.insert(both.end(), some.begin(), some.end());
    return all_seen(sent)(both);
  }));
  const auto seen = book->batches();
  all.insert(all.end(), seen.begin(), seen.end());
  CAF_CHECK(all_seen(sent)(all));
  if (kept(peer.promised().drain_repeats_nothing))
    for (const auto& each : sent)
      CAF_CHECK_EQUAL(times_seen(all, each.id), 1u);
}

TRANSPORT_TEST(a drained source hands out nothing more) {
  const auto book = subscribe(all_done());
  const auto before = accept(5, 0);
  CAF_REQUIRE(book->wait_for(all_seen(before)));
  CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
  const auto after = accept(5, 0);
  CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
  for (const auto& each : after)
    CAF_CHECK_EQUAL(times_seen(book->batches(), each.id), 0u);
  restart(ending::orderly);
  const auto next = subscribe(all_done());
  CAF_CHECK(next->wait_for(all_seen(after)));
}

TRANSPORT_TEST(a drain that runs out of time says what is unfinished) {
  const auto sent = accept(1, 0);
  const auto book = subscribe(never_answering());
  CAF_REQUIRE(book->wait_for(all_seen(sent)));
  const auto answer = ask_and_wait<drained>(peer.system(), source, drain{std::chrono::milliseconds{20}});
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->unfinished, 1u);
}

TRANSPORT_TEST(a batch whose handling throws is run again singly and only the guilty delivery is set aside) {
  const auto sent = accept(8, 0);
  const auto book = subscribe([&sent](const std::vector<delivery>& batch) -> journal::answer {
    for (const auto& each : batch)
      if (each.content.id == sent[3].id)
        return failure{errc::actor_failed, "thrown on purpose"};
    return all_done()(batch);
  });
  CAF_REQUIRE(book->wait_for_done(ids_of(sent, sent[3].id)));
  CAF_REQUIRE(book->wait_for(seen_times(sent[3].id, peer.process_ending_attempts())));
  // Once more, where the first time was in company and did not count.
  if (kept(peer.promised().keeps_dead_letters))
    CAF_REQUIRE_EQUAL(letters(1).size(), 1u);
  CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
  std::size_t together = 0;
  for (const auto& batch : book->batches())
    if (batch.size() > 1)
      together += times_seen({batch}, sent[3].id);
  CAF_CHECK(together <= 1);
  if (!kept(peer.promised().keeps_dead_letters))
    return;
  const auto found = letters();
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found.front().letter.content.id, sent[3].id);
  CAF_CHECK_EQUAL(found.front().letter.why.code, errc::actor_failed);
}

TRANSPORT_TEST(a handler that is away for a moment costs no attempts) {
  const auto sent = accept(10, 3);
  auto failures = 0;
  const auto book = subscribe([&failures](const std::vector<delivery>& batch) -> journal::answer {
    if (++failures <= 2)
      return failure{errc::overloaded, "come again"};
    return all_done()(batch);
  });
  CAF_REQUIRE(book->wait_for_done(ids_of(sent)));
  for (const auto& each : book->seen())
    CAF_CHECK_EQUAL(each.attempts, 0u);
  CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
  CAF_CHECK(letters().empty());
}

TRANSPORT_TEST(a wrong number of replies is taken for a handler that failed) {
  const auto sent = accept(4, 0);
  auto first = true;
  const auto book = subscribe([&first](const std::vector<delivery>& batch) -> journal::answer {
    if (std::exchange(first, false))
      return replies{};
    return all_done()(batch);
  });
  CAF_CHECK(book->wait_for_done(ids_of(sent)));
  CAF_CHECK_EQUAL(drain_source().unfinished, 0u);
}

TRANSPORT_TEST(an id that is published twice is delivered twice) {
  const auto once = make("key");
  accept({once, once});
  const auto book = subscribe(all_done());
  CAF_CHECK(book->wait_for(seen_times(once.id, 2)));
}

TRANSPORT_TEST(what is redriven comes again under its id with no attempts counted) {
  if (!kept(peer.promised().keeps_dead_letters))
    return;
  const auto sent = accept(3, 1);
  const auto book = subscribe(one_by_one([&sent](const delivery& each) {
    return each.content.id == sent[0].id ? reply{verdict::retry, transient} : reply{};
  }));
  CAF_REQUIRE(book->wait_for_done(ids_of(sent, sent[0].id)));
  const auto before = times_seen(book->batches(), sent[0].id);
  const auto found = letters();
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  book->follow(all_done());
  redrive_dead_letters which;
  which.numbers = {found.front().number};
  const auto moved = ask_and_wait<redriven>(peer.system(), peer.dead_letters(), which);
  CAF_REQUIRE(moved.has_value());
  CAF_CHECK_EQUAL(moved->count, 1u);
  CAF_REQUIRE(book->wait_for(seen_times(sent[0].id, before + 1)));
  const auto last = book->seen().back();
  CAF_CHECK(last.content == sent[0]);
  CAF_CHECK_EQUAL(last.attempts, 0u);
  CAF_CHECK(letters().empty());
  CAF_CHECK_EQUAL(ask_and_wait<redriven>(peer.system(), peer.dead_letters(), which)->count, 0u);
}

TRANSPORT_TEST(of several that are redriven by their numbers those that are gone are passed over) {
  if (!kept(peer.promised().keeps_dead_letters))
    return;
  const auto sent = accept(4, 4);
  const auto book = subscribe(one_by_one([](const delivery&) { return reply{verdict::reject, {errc::rejected, "no"}}; }));
  for (const auto& each : sent)
    CAF_REQUIRE(book->wait_for(seen_times(each.id, 1)));
  drain_source();
  const auto found = letters();
  CAF_REQUIRE_EQUAL(found.size(), 4u);
  const auto redrive = [&](std::vector<std::size_t> chosen) {
    redrive_dead_letters which;
    for (const auto each : chosen)
      which.numbers.push_back(found[each].number);
    return ask_and_wait<redriven>(peer.system(), peer.dead_letters(), which);
  };
  CAF_CHECK_EQUAL(redrive({2})->count, 1u);
  CAF_CHECK_EQUAL(redrive({3, 2, 0, 3})->count, 2u);
  CAF_CHECK_EQUAL(redrive({0, 2, 3})->count, 0u);
  const auto left = letters();
  CAF_REQUIRE_EQUAL(left.size(), 1u);
  CAF_CHECK_EQUAL(left.front().number, found[1].number);
}

TRANSPORT_TEST(a delivery that ends the process becomes a dead letter and its neighbours do not) {
  if (!kept(peer.promised().counts_endings))
    return;
  const auto sent = accept(12, 3);
  const auto& poison = sent[5].id;
  auto rest = ids_of(sent, poison);
  for (std::size_t endings = 0; endings <= peer.process_ending_attempts(); ++endings) {
    auto in_hand = false; // a process that has ended answers nobody
    const auto book = subscribe([&](const std::vector<delivery>& batch) -> journal::answer {
      in_hand = in_hand || times_seen({batch}, poison) > 0;
      return in_hand ? journal::answer{std::monostate{}} : all_done()(batch);
    });
    CAF_REQUIRE(book->wait_for(seen_times(poison, 1)));
    CAF_REQUIRE(letters().empty());
    for (const auto& each : book->done())
      rest.erase(each);
    restart(ending::abrupt);
  }
  const auto book = subscribe(all_done());
  const auto behind = accept({make(sent[5].key)});
  rest.insert(behind.front().id);
  CAF_REQUIRE(book->wait_for_done(rest));
  const auto found = letters(1); // a broker may notice late that the process has ended, and give back what it had last
  CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
  CAF_CHECK_EQUAL(times_seen(book->batches(), poison), 0u);
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found.front().letter.content.id, poison);
  CAF_CHECK_EQUAL(found.front().letter.attempts, peer.process_ending_attempts());
}

TRANSPORT_TEST(an end without anything in hand makes nothing suspect) {
  for (int life = 0; life < 8; ++life) {
    const auto sent = accept(3, 0);
    const auto book = subscribe(all_done());
    CAF_REQUIRE(book->wait_for(all_seen(sent)));
    CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
    restart(ending::orderly);
    const auto next = accept(30, 0);
    const auto second = subscribe(all_done());
    CAF_REQUIRE(second->wait_for(all_seen(next)));
    // Suspects would all come alone, and of others some come together.
    CAF_CHECK(second->batches().size() < next.size());
    CAF_REQUIRE_EQUAL(drain_source().unfinished, 0u);
    restart(ending::orderly);
  }
}

} // namespace

bool add_transport_suite(const char* name, make_transport make) {
  everything().transports.emplace_back(name, make);
  for (const auto& [test, run] : everything().tests)
    add(name, make, test, run);
  return true;
}

} // namespace troupe::contract
