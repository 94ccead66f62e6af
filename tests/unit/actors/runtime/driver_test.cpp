#define CAF_SUITE driver

#include <cstddef>
#include <memory>
#include <vector>

#include <troupe_test/actors.hpp>

#include <troupe/actors/runtime/driver.hpp>

using namespace troupe;
using namespace troupe_test;

namespace {

using link_actor = caf::typed_actor<caf::result<void>(caf::tick_atom)>;

struct fixture : actor_fixture {
  ~fixture() {
    for (const auto& each : chain)
      end(each);
  }

  // So many actors, of which each passes on what it gets; the first comes last.
  void make_chain(std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) {
      const auto next = chain.empty() ? link_actor{} : chain.back();
      chain.push_back(sys.spawn([count = handled, next](link_actor::pointer me) -> link_actor::behavior_type {
        return {[=](caf::tick_atom) {
          ++*count;
          if (next)
            troupe::send(me, next, caf::tick_atom_v);
        }};
      }));
    }
    settle();
  }

  std::shared_ptr<std::size_t> handled = std::make_shared<std::size_t>(0);
  std::vector<link_actor> chain;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(driver_tests, fixture)

CAF_TEST(what is sent is handled before the sending returns and no scheduler is asked) {
  make_chain(1);
  driver::send(chain.back(), caf::tick_atom_v);
  CAF_CHECK_EQUAL(*handled, 1u);
  CAF_CHECK(!sched.has_job());
}

CAF_TEST(so is what the receiver sends on) {
  make_chain(10);
  driver::send(chain.back(), caf::tick_atom_v);
  CAF_CHECK_EQUAL(*handled, 10u);
  CAF_CHECK(!sched.has_job());
}

CAF_TEST(a long row goes on at the scheduler) {
  make_chain(40);
  driver::send(chain.back(), caf::tick_atom_v);
  CAF_CHECK_EQUAL(*handled, 16u);
  settle();
  CAF_CHECK_EQUAL(*handled, 40u);
}

CAF_TEST(an actor that the scheduler has not served yet gets its messages in order) {
  make_chain(1);
  send_anonymously(chain.back(), caf::tick_atom_v);
  driver::send(chain.back(), caf::tick_atom_v);
  CAF_CHECK_EQUAL(*handled, 0u);
  settle();
  CAF_CHECK_EQUAL(*handled, 2u);
}

CAF_TEST(what is sent to an actor that has ended is dropped) {
  make_chain(1);
  end(chain.back());
  driver::send(chain.back(), caf::tick_atom_v);
  CAF_CHECK_EQUAL(*handled, 0u);
}

CAF_TEST(an actor that ends while it is driven is gone afterwards) {
  const auto ending =
    sys.spawn([](link_actor::pointer me) -> link_actor::behavior_type { return {[me](caf::tick_atom) { me->quit(); }}; });
  settle();
  driver::send(ending, caf::tick_atom_v);
  CAF_CHECK(caf::actor_cast<caf::abstract_actor*>(ending)->getf(caf::abstract_actor::is_terminated_flag));
}

CAF_TEST_FIXTURE_SCOPE_END()
