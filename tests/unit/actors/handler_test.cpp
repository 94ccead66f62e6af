#define CAF_SUITE handler
#include <troupe_test/actors.hpp>

#include <troupe/actors/handler.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

struct fixture : actor_fixture {
  // Calls an author's function with deliveries of these keys; an empty one is none. The message id is the position.
  replies handle(actors::delivery_function with, const std::vector<std::string>& keys) {
    const auto handler = actors::spawn_handler(context(), std::move(with));
    deliveries what;
    for (std::size_t n = 0; n != keys.size(); ++n) {
      delivery one;
      one.content.id = std::to_string(n);
      if (!keys[n].empty())
        one.content.key = keys[n];
      what.batch.push_back(std::move(one));
    }
    const auto got = ask_for<replies>(handler, what);
    end(handler);
    CAF_REQUIRE(got->value);
    return *got->value;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(handler_tests, fixture)

CAF_TEST(every delivery is handled in order) {
  std::string seen;
  const auto got = handle(
    [&](const delivery& one) {
      seen += one.content.id;
      return reply{};
    },
    {"a", "b", "a", ""});
  CAF_CHECK_EQUAL(seen, "0123");
  CAF_CHECK(got.each == std::vector<reply>(4, reply{}));
}

CAF_TEST(behind a delivery that is not done those of its key stay untouched) {
  std::string seen;
  const auto got = handle(
    [&](const delivery& one) {
      seen += one.content.id;
      return one.content.id == "0" ? reply{verdict::retry, {errc::unavailable, {}}} : reply{};
    },
    {"a", "b", "a", "", ""});
  CAF_CHECK_EQUAL(seen, "0134");
  CAF_CHECK(got.each[2].verdict == verdict::untouched);
  CAF_CHECK(got.each[3].verdict == verdict::done);
}

CAF_TEST(an exception becomes a retry of that delivery alone) {
  const auto got = handle(
    [](const delivery& one) -> reply {
      if (one.content.id == "0")
        throw std::runtime_error("bad luck");
      return {};
    },
    {"a", "b"});
  CAF_CHECK(got.each[0] == (reply{verdict::retry, {errc::actor_failed, "bad luck"}}));
  CAF_CHECK(got.each[1].verdict == verdict::done);
}

CAF_TEST_FIXTURE_SCOPE_END()
