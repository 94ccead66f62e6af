#define CAF_SUITE trace_bound

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/trace_bound.hpp>

using namespace troupe;

namespace {

// k0=vvv,k1=vvv,...: the newest first.
std::string state_of(int entries, std::size_t value) {
  std::string result;
  for (int each = 0; each != entries; ++each)
    result += (each == 0 ? "k" : ",k") + std::to_string(each) + '=' + std::string(value, 'v');
  return result;
}

trace_context with_ids() {
  trace_context context;
  context.trace_id[0] = 1;
  context.span_id[0] = 2;
  context.parent_span_id[0] = 3;
  context.decision = trace_context::sampling::sampled;
  context.b3_flags_zero = true;
  return context;
}

header_list sent(const trace_context& context) {
  header_list result;
  write_bounded_headers(context, [&result](const header_view& each) {
    result.push_back({std::string{each.name}, std::string{each.value}});
  });
  return result;
}

std::size_t size_of(const header_list& headers) {
  std::size_t total = 0;
  for (const auto& each : headers)
    total += header_size({each.name, each.value});
  return total;
}

std::string value_of(const header_list& headers, std::string_view name) {
  const auto* const found = find_header(headers, name);
  return found != nullptr ? *found : "absent";
}

} // namespace

CAF_TEST(a state that fits stays as it is) {
  CAF_CHECK_EQUAL(newest_trace_state("a=1, b=2,,c=3", 13), "a=1, b=2,,c=3");
}

CAF_TEST(the oldest entries of a state go first) {
  const auto whole = state_of(100, 40);
  const auto kept = newest_trace_state(whole, 512);
  CAF_CHECK(kept.size() <= 512 && kept.size() > 512 - 45);
  CAF_CHECK(whole.starts_with(kept + ','));
}

CAF_TEST(an entry that is too long goes before shorter ones behind it) {
  CAF_CHECK_EQUAL(newest_trace_state("a=1,b=" + std::string(600, 'v') + ",c=3", 512), "a=1,c=3");
  CAF_CHECK_EQUAL(newest_trace_state(std::string(600, 'v'), 512), "");
}

CAF_TEST(what fits is sent whole) {
  auto context = with_ids();
  context.trace_state = state_of(10, 60);
  context.request_id = std::string(200, 'r');
  context.ot_span_context = std::string(200, 'o');
  header_list all;
  inject(context, all);
  CAF_CHECK(sent(context) == all);
}

CAF_TEST(the trace headers of a call stay within their bound and keep the newest of the state) {
  for (const std::size_t others : {0U, 100U, 500U, 1000U, 4096U}) {
    auto context = with_ids();
    context.trace_state = state_of(90, 40);
    context.request_id = std::string(others, 'r');
    context.ot_span_context = std::string(others, 'o');
    const auto headers = sent(context);
    CAF_CHECK(size_of(headers) <= most_trace_bytes);
    const auto state = value_of(headers, "tracestate");
    CAF_CHECK(state.size() >= 512 - 45);
    CAF_CHECK(context.trace_state.starts_with(state + ','));
    CAF_CHECK_EQUAL(value_of(headers, "x-b3-sampled"), "1");
    CAF_CHECK_EQUAL(value_of(headers, "x-request-id"), others > 0 && others <= 1000 ? context.request_id : "absent");
  }
}

CAF_TEST(a span context that cannot be cut is left out and leaves its room to the state) {
  auto context = with_ids();
  context.trace_state = state_of(90, 40);
  context.ot_span_context = std::string(4090, 'o');
  const auto headers = sent(context);
  CAF_CHECK_EQUAL(value_of(headers, "x-ot-span-context"), "absent");
  CAF_CHECK(value_of(headers, "tracestate").size() > 1400);
}

CAF_TEST(a state that is read keeps its newest entries where it is too long) {
  const auto whole = state_of(200, 40);
  const auto found =
    extract({{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, {"tracestate", whole}});
  CAF_CHECK(!found.malformed);
  CAF_CHECK(found.context.trace_state.size() > 4000);
  CAF_CHECK(whole.starts_with(found.context.trace_state + ','));
}

CAF_TEST(flags of zero go on and decide nothing) {
  const header_list b3{
    {"x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"}, {"x-b3-spanid", "b7ad6b7169203331"}, {"x-b3-flags", "0"}};
  auto w3c = b3;
  w3c.push_back({"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01"});
  for (const auto& each : {b3, w3c}) {
    const auto found = extract(each);
    CAF_CHECK(!found.malformed);
    CAF_CHECK_EQUAL(value_of(sent(child_of(found.context, system_random())), "x-b3-flags"), "0");
  }
  CAF_CHECK_EQUAL(value_of(sent(extract({{"x-b3-flags", "1"}}).context), "x-b3-flags"), "1");
  CAF_CHECK_EQUAL(value_of(sent(extract({{"x-b3-sampled", "1"}}).context), "x-b3-flags"), "absent");
}
