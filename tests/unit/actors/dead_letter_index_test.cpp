#define CAF_SUITE dead_letter_index
#include <troupe_test/actors.hpp>

#include <algorithm>
#include <limits>

#include <troupe/actors/dead_letter_index.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

// A keeper of letters that are numbered from 1 on, as every keeper does, and are known by their reason.
struct shelf {
  std::vector<numbered_dead_letter> letters;
  std::size_t largest_page = 1000; // however many are asked for
  std::optional<failure> trouble;
};

std::shared_ptr<shelf> shelf_of(const std::vector<std::string>& reasons) {
  auto result = std::make_shared<shelf>();
  for (const auto& reason : reasons) {
    numbered_dead_letter one;
    one.number = static_cast<std::int64_t>(result->letters.size()) + 1;
    one.letter.why = {errc::rejected, reason};
    result->letters.push_back(one);
  }
  return result;
}

caf::result<dead_letter_page> page_of(const shelf& from, const list_dead_letters& what) {
  if (from.trouble)
    return to_error(*from.trouble);
  dead_letter_page page;
  const auto limit = std::min<std::size_t>(what.limit, from.largest_page);
  for (const auto& one : from.letters)
    if (one.number > what.after && page.letters.size() < limit)
      page.letters.push_back(one);
  page.more = page.letters.size() == limit;
  return page;
}

caf::result<numbered_dead_letter> letter_of(const shelf& from, std::int64_t number) {
  const auto found = std::ranges::find(from.letters, number, &numbered_dead_letter::number);
  if (found == from.letters.end())
    return to_error({errc::not_found, "my number " + std::to_string(number)});
  return *found;
}

caf::result<redriven> send_back(shelf& from, const redrive_dead_letters& what) {
  if (from.trouble)
    return to_error(*from.trouble);
  if (!what.numbers.empty())
    return redriven{static_cast<std::uint32_t>(std::erase_if(
      from.letters, [&](const auto& one) { return std::ranges::find(what.numbers, one.number) != what.numbers.end(); }))};
  const auto count = std::min<std::size_t>(from.letters.size(), what.limit);
  from.letters.erase(from.letters.begin(), from.letters.begin() + static_cast<std::ptrdiff_t>(count));
  return redriven{static_cast<std::uint32_t>(count)};
}

struct fixture : actor_fixture {
  std::shared_ptr<shelf> here = shelf_of({"a", "b", "c"});
  std::shared_ptr<shelf> there = shelf_of({"x", "y"});
  std::vector<dead_letters_actor> keepers{keeper(here), keeper(there)};
  dead_letters_actor tested = actors::spawn_dead_letter_index(context(), keepers);

  ~fixture() {
    end(tested);
    for (const auto& one : keepers)
      end(one);
  }

  dead_letters_actor keeper(const std::shared_ptr<shelf>& of) {
    return sys.spawn([of](dead_letters_actor::pointer) -> dead_letters_actor::behavior_type {
      return {[of](const list_dead_letters& what) { return page_of(*of, what); },
              [of](const show_dead_letter& what) { return letter_of(*of, what.number); },
              [of](const redrive_dead_letters& what) { return send_back(*of, what); }};
    });
  }

  // All letters by the numbers of the index, in pages of `limit`.
  std::vector<std::pair<std::int64_t, std::string>> listed(std::uint32_t limit) {
    std::vector<std::pair<std::int64_t, std::string>> all;
    for (;;) {
      const auto page =
        ask_for<dead_letter_page>(tested, list_dead_letters{.after = all.empty() ? 0 : all.back().first, .limit = limit});
      CAF_REQUIRE(page->value);
      CAF_REQUIRE(page->value->letters.size() <= limit);
      if (page->value->letters.empty())
        return all;
      for (const auto& one : page->value->letters)
        all.emplace_back(one.number, one.letter.why.reason);
    }
  }

  auto show(std::int64_t number) { return ask_for<numbered_dead_letter>(tested, show_dead_letter{number}); }
  auto redrive(redrive_dead_letters what) { return ask_for<redriven>(tested, std::move(what)); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(dead_letter_index_tests, fixture)

CAF_TEST(the letters of all keepers are listed by rising numbers whatever the size of a page) {
  const auto all = listed(100);
  CAF_REQUIRE_EQUAL(all.size(), 5u);
  CAF_CHECK(std::ranges::is_sorted(all) && std::ranges::adjacent_find(all) == all.end());
  for (const std::uint32_t limit : {1u, 2u, 3u, 5u})
    CAF_CHECK(listed(limit) == all);
}

CAF_TEST(no letter is passed over where the page of one keeper ends before the limit) {
  const auto all = listed(100);
  for (const std::size_t largest : {1, 2}) {
    here->largest_page = largest;
    for (const std::uint32_t limit : {1u, 2u, 3u, 100u})
      CAF_CHECK(listed(limit) == all);
  }
}

CAF_TEST(a number that is too high for its owner to be known is refused) {
  there->letters.back().number = std::numeric_limits<std::int64_t>::max() / 2;
  const auto page = ask_for<dead_letter_page>(tested, list_dead_letters{});
  CAF_REQUIRE(page->error);
  CAF_CHECK_EQUAL(page->error->code, errc::unsupported);
}

CAF_TEST(a page says whether there may be others) {
  const auto more = [&](std::uint32_t limit) {
    const auto page = ask_for<dead_letter_page>(tested, list_dead_letters{.limit = limit});
    CAF_REQUIRE(page->value);
    return page->value->more;
  };
  CAF_CHECK(more(4));
  CAF_CHECK(!more(6));
  here->largest_page = 2;
  CAF_CHECK(more(6));
}

CAF_TEST(a letter is shown and sent back by the number under which it was listed) {
  for (const auto& [number, reason] : listed(100)) {
    const auto shown = show(number);
    CAF_REQUIRE(shown->value);
    CAF_CHECK_EQUAL(shown->value->number, number);
    CAF_CHECK_EQUAL(shown->value->letter.why.reason, reason);
    CAF_REQUIRE(redrive({.numbers = {number}})->value);
    CAF_CHECK(show(number)->error);
  }
  CAF_CHECK(here->letters.empty() && there->letters.empty());
}

CAF_TEST(a number that no keeper has is reported as it was asked for) {
  for (const std::int64_t number : {-1, 0, 1, 4711}) {
    const auto reason = "there is no dead letter " + std::to_string(number);
    const auto shown = show(number);
    CAF_REQUIRE(shown->error);
    CAF_CHECK(*shown->error == (failure{errc::not_found, reason}));
    CAF_CHECK_EQUAL(redrive({.numbers = {number}})->value->count, 0U);
  }
}

CAF_TEST(several numbers go to their keepers and those that nobody has are passed over) {
  const auto all = listed(100);
  CAF_REQUIRE_EQUAL(all.size(), 5U);
  const auto number = [&](std::size_t at) { return all[at].first; };
  CAF_CHECK_EQUAL(redrive({.numbers = {number(4), number(0), 4711, 4712, -1, number(3)}})->value->count, 3U);
  CAF_CHECK_EQUAL(here->letters.size() + there->letters.size(), 2U);
  CAF_CHECK_EQUAL(redrive({.numbers = {number(0), number(1)}})->value->count, 1U);
  there->trouble = failure{errc::unavailable, "the broker is away"};
  here->trouble = there->trouble;
  CAF_CHECK(*redrive({.numbers = {number(2)}})->error == *there->trouble);
}

CAF_TEST(a redrive of many goes on at the next keeper as far as its limit) {
  CAF_CHECK_EQUAL(redrive({.limit = 4})->value->count, 4u);
  CAF_CHECK(here->letters.empty());
  CAF_CHECK_EQUAL(there->letters.size(), 1u);
  CAF_CHECK_EQUAL(redrive({.limit = 4})->value->count, 1u);
}

CAF_TEST(what a keeper could not do is reported when nothing was done) {
  there->trouble = failure{errc::unavailable, "the broker is away"};
  const auto page = ask_for<dead_letter_page>(tested, list_dead_letters{});
  CAF_REQUIRE(page->error);
  CAF_CHECK(*page->error == *there->trouble);
  CAF_CHECK_EQUAL(redrive({})->value->count, 3u);
  const auto again = redrive({});
  CAF_REQUIRE(again->error);
  CAF_CHECK(*again->error == *there->trouble);
}

CAF_TEST_FIXTURE_SCOPE_END()
