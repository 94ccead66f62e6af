#define CAF_SUITE trace_sampling

#include <troupe_test/suite.hpp>

#include <random>

#include <troupe/messages/values/identifier.hpp>
#include <troupe/policies/trace_sampling.hpp>

#include "sequences.hpp"

using namespace std::chrono_literals;
using namespace troupe::policies;
using troupe::trace_context;
using troupe_test::at;
using sampling = trace_context::sampling;

namespace {

trace_context trace(sampling decision, std::uint8_t random = 0xff) {
  trace_context result;
  result.trace_id.fill(random);
  result.span_id.fill(1);
  result.decision = decision;
  return result;
}

bool sampled(sampler one, sampling decision, double ratio = 1) {
  return is_sampled({one, ratio}, trace(decision));
}

} // namespace

CAF_TEST(samplers with a parent follow what the caller has decided) {
  for (const auto one :
       {sampler::parentbased_always_on, sampler::parentbased_always_off, sampler::parentbased_traceidratio}) {
    CAF_CHECK(sampled(one, sampling::sampled, 0));
    CAF_CHECK(!sampled(one, sampling::dropped));
  }
  CAF_CHECK(sampled(sampler::parentbased_always_on, sampling::deferred));
  CAF_CHECK(!sampled(sampler::parentbased_always_off, sampling::deferred));
  CAF_CHECK(!sampled(sampler::parentbased_traceidratio, sampling::deferred, 0.5));
  CAF_CHECK(sampled(sampler::parentbased_traceidratio, sampling::deferred, 1));
}

CAF_TEST(the others do not) {
  CAF_CHECK(sampled(sampler::always_on, sampling::dropped));
  CAF_CHECK(!sampled(sampler::always_off, sampling::sampled));
  CAF_CHECK(!sampled(sampler::traceidratio, sampling::sampled, 0.5));
}

CAF_TEST(debug is an order) {
  for (const auto one : {sampler::always_off, sampler::parentbased_always_off, sampler::traceidratio})
    CAF_CHECK(sampled(one, sampling::debug, 0));
}

CAF_TEST(a ratio takes that share of the traces by the last eight bytes of their ids) {
  const trace_sampling_config quarter{sampler::traceidratio, 0.25};
  const troupe::random_source random = [engine = std::mt19937_64{1}]() mutable { return engine(); };
  int taken = 0;
  for (int i = 0; i != 10'000; ++i)
    taken += is_sampled(quarter, troupe::new_trace(random)) ? 1 : 0;
  CAF_CHECK(taken > 2'300 && taken < 2'700);
  // 0.25 of 2^64 is 0x4000...; the lowest bit is left out.
  auto last = trace(sampling::deferred, 0);
  std::fill(last.trace_id.begin() + 8, last.trace_id.end(), std::uint8_t{0xff});
  last.trace_id[8] = 0x3f;
  CAF_CHECK(is_sampled(quarter, last));
  last.trace_id[8] = 0x40;
  CAF_CHECK(!is_sampled(quarter, last));
}

CAF_TEST(a rate lets through so many in each second) {
  trace_rate rate{2};
  CAF_CHECK(rate.admit(at(0s)));
  CAF_CHECK(rate.admit(at(500ms)));
  CAF_CHECK(!rate.admit(at(999ms)));
  CAF_CHECK(rate.admit(at(1s)));
  CAF_CHECK(rate.admit(at(1s)));
  CAF_CHECK(!rate.admit(at(1s)));
  trace_rate none{0};
  CAF_CHECK(!none.admit(at(0s)));
}
