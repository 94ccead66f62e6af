#define CAF_SUITE thread_stacks
#include <troupe_test/suite.hpp>

#include <cstddef>
#include <thread>

#include <pthread.h>

#include <troupe/deploy/host/process/memory.hpp>

namespace {

void give_threads(std::size_t bytes) {
  pthread_attr_t defaults;
  CAF_REQUIRE_EQUAL(::pthread_getattr_default_np(&defaults), 0);
  CAF_REQUIRE_EQUAL(::pthread_attr_setstacksize(&defaults, bytes), 0);
  CAF_REQUIRE_EQUAL(::pthread_setattr_default_np(&defaults), 0);
  ::pthread_attr_destroy(&defaults);
}

std::size_t given() {
  std::size_t size = 0;
  std::thread{[&size] {
    pthread_attr_t mine;
    if (::pthread_getattr_np(::pthread_self(), &mine) == 0) {
      ::pthread_attr_getstacksize(&mine, &size);
      ::pthread_attr_destroy(&mine);
    }
  }}.join();
  return size;
}

} // namespace

CAF_TEST(a thread has a stack for the deepest header that a frame holds and keeps a larger one) {
  using troupe::host::least_thread_stack;
  give_threads(std::size_t{2} << 20U);
  CAF_CHECK(given() < least_thread_stack);
  troupe::host::raise_thread_stacks();
  CAF_CHECK(given() >= least_thread_stack);
  give_threads(2 * least_thread_stack);
  troupe::host::raise_thread_stacks();
  CAF_CHECK(given() >= 2 * least_thread_stack);
}
