#define CAF_SUITE mongodb_faults
#include <troupe_test/suite.hpp>

#include <atomic>

#include "asking.hpp"

using namespace troupe;
using namespace troupe::contract;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

mongodb::config quick(mongodb::config base) {
  base.operation = 1s;
  base.heartbeat = 500ms;
  return base;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(mongodb_faults, mongodb_peer)

CAF_TEST(the link works before anything was written) {
  CAF_CHECK(works(link()));
}

CAF_TEST(a server that is killed is waited for and written to again without being asked) {
  const auto link = use(quick(server().config()));
  CAF_REQUIRE(ask_to_write(*this, {greeting_document("before")}).has_value());
  server().kill();
  CAF_CHECK(fails(link));
  CAF_CHECK(works(link));
  CAF_CHECK(ask_to_write(*this, {greeting_document("after")}).has_value());
  CAF_CHECK(!link->trouble());
  const auto again = ask_to_write(*this, {greeting_document("before"), greeting_document("after")});
  CAF_REQUIRE(again.has_value());
  CAF_CHECK((*again)[0].outcome == write_outcome::duplicate);
  CAF_CHECK((*again)[1].outcome == write_outcome::duplicate);
}

CAF_TEST(the link works again after a kill though nothing is written) {
  const auto link = use(quick(server().config()));
  CAF_REQUIRE(works(link));
  server().kill();
  CAF_CHECK(fails(link));
  CAF_CHECK(works(link));
}

CAF_TEST(a write to a server that does not answer fails in its time and succeeds afterwards) {
  const auto link = use(quick(server().config()));
  CAF_REQUIRE(ask_to_write(*this, {greeting_document("before")}).has_value());
  server().pause();
  const auto began = clock_type::now();
  const auto failed = ask_to_write(*this, {greeting_document("during")});
  const auto took = clock_type::now() - began;
  const auto trouble = link->trouble(); // it is over soon after the pause
  server().resume();
  CAF_REQUIRE(failed.has_error());
  CAF_CHECK(failed.error().code == errc::deadline_exceeded || failed.error().code == errc::unavailable);
  CAF_CHECK(took >= 900ms);
  CAF_CHECK(took < 5s);
  CAF_CHECK(trouble.has_value());
  CAF_CHECK(works(link));
  CAF_CHECK(ask_to_write(*this, {greeting_document("during")}).has_value());
  CAF_CHECK(find(greeting_document("during")).has_value());
}

CAF_TEST(who writes to servers that are known to be away fails at once) {
  auto changed = quick(server().config());
  changed.where = mongodb::always({secret{"mongodb://127.0.0.1:1"}});
  changed.files = {};
  use(changed);
  const auto took = [&] {
    const auto began = clock_type::now();
    const auto failed = ask_to_write(*this, {greeting_document("a")});
    CAF_REQUIRE(failed.has_error());
    CAF_CHECK(failed.error().code == errc::unavailable);
    return clock_type::now() - began;
  };
  CAF_CHECK(took() >= 900ms); // it waits for a server to be found
  CAF_CHECK(took() < 500ms);
}

CAF_TEST(the end does not wait longer for a server than it may) {
  auto changed = server().config();
  changed.close_within = 1s;
  use(changed);
  CAF_REQUIRE(ask_to_write(*this, {greeting_document("before")}).has_value());
  server().pause();
  {
    caf::scoped_actor self{system()};
    self->send(store(), write_documents{{greeting_document("during")}});
    self->request(store(), 100ms, write_documents{{greeting_document("during too")}})
      .receive([](const written&) { CAF_FAIL("answered by a server that was stopped"); }, [](const caf::error&) {});
  }
  const auto began = clock_type::now();
  use(server().config());
  const auto took = clock_type::now() - began;
  server().resume();
  CAF_CHECK(took >= 900ms);
  CAF_CHECK(took < 3s);
}

CAF_TEST(a wrong password is reported as such and a renewed one is taken up) {
  auto changed = quick(server().with_wrong_password());
  const auto wrong = changed.where;
  const auto right = server().config().where;
  std::atomic<bool> mended = false;
  std::atomic<int> asked_anew = 0;
  changed.where = [&, wrong, right](freshness how) {
    asked_anew += how == freshness::anew ? 1 : 0;
    return mended ? right(how) : wrong(how);
  };
  const auto link = use(changed);
  const auto refused = ask_to_write(*this, {greeting_document("a")});
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::unauthenticated);
  CAF_REQUIRE(link->trouble().has_value());
  CAF_CHECK(link->trouble()->code == errc::unauthenticated);
  mended = true;
  CAF_CHECK(works(link));
  CAF_CHECK(ask_to_write(*this, {greeting_document("a")}).has_value());
  CAF_CHECK(!link->trouble());
  CAF_CHECK(asked_anew >= 1);
  use(server().config()); // what is asked above ends before its variables
}

CAF_TEST(a server whose certificate nobody trusts is reported as such) {
  const auto link = use(quick(server().with_wrong_authority()));
  const auto refused = ask_to_write(*this, {greeting_document("a")});
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(refused.error().code == errc::untrusted);
  CAF_CHECK(refused.error().reason.find("certificate") != std::string::npos);
  CAF_CHECK(link->trouble()->code == errc::untrusted);
  CAF_CHECK_EQUAL(count("service-a", "greetings"), 0);
}

CAF_TEST(a connection string that cannot be read for now is asked for again) {
  auto changed = quick(server().config());
  const auto right = changed.where;
  std::atomic<int> left = 2;
  changed.where = [&, right](freshness how) -> expected<mongodb::access> {
    return left-- > 0 ? expected<mongodb::access>{failure{errc::not_found, "no such secret"}} : right(how);
  };
  const auto link = use(changed);
  const auto refused = ask_to_write(*this, {greeting_document("a")});
  CAF_REQUIRE(refused.has_error());
  CAF_CHECK(is_transient(refused.error().code));
  CAF_CHECK_EQUAL(refused.error().reason, "no such secret");
  CAF_CHECK(works(link));
  CAF_CHECK(ask_to_write(*this, {greeting_document("a")}).has_value());
  use(server().config());
}

CAF_TEST_FIXTURE_SCOPE_END()
