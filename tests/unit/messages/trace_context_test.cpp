#define CAF_SUITE trace_context

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/messages/values/trace_context.hpp>
#include <troupe/messages/values/trace_id.hpp>

#include "generated.hpp"

using namespace troupe;
using namespace troupe_test;

namespace {

using sampling = trace_context::sampling;

// The example of the W3C specification.
const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent = "00f067aa0ba902b7";
const std::string sampled_parent = "00-" + trace + "-" + parent + "-01";

// The examples of the B3 specification.
const std::string b3_trace = "80f198ee56343ba864fe8b2a57d3eff7";
const std::string b3_span = "e457b5a2e4d86bd1";
const std::string b3_parent = "05e3ac9a4f6e3b90";

std::string name_of(sampling decision) {
  switch (decision) {
    case sampling::deferred:
      return "deferred";
    case sampling::dropped:
      return "dropped";
    case sampling::sampled:
      return "sampled";
    case sampling::debug:
      return "debug";
  }
  return "?";
}

/// What was read: the ids (or -), the decision, the parent if there is one, and ! where something was ill formed.
std::string read(const header_list& headers) {
  const auto [context, malformed] = extract(headers);
  auto text = context.valid() ? trace_id_text(context) + ' ' + span_id_text(context) : "-";
  text += ' ' + name_of(context.decision);
  trace_context parent_only;
  parent_only.span_id = context.parent_span_id;
  if (context.parent_span_id != trace_context{}.parent_span_id)
    text += " below " + span_id_text(parent_only);
  return malformed ? text + " !" : text;
}

std::string read_w3c(const std::string& value) {
  return read({{"traceparent", value}});
}

std::string read_b3(const std::string& value) {
  return read({{"b3", value}});
}

std::string value_of(const header_list& headers, std::string_view name) {
  const auto* value = find_header(headers, name);
  return value != nullptr ? *value : "(none)";
}

trace_context example(sampling decision) {
  auto context = extract({{"traceparent", sampled_parent}}).context;
  context.decision = decision;
  return context;
}

template <std::size_t Size>
void fill(std::array<std::uint8_t, Size>& out, generated& any) {
  for (auto& each : out)
    each = static_cast<std::uint8_t>(any.word());
}

} // namespace

CAF_TEST(a trace id is read where it is whole and lower case and not of zeros alone) {
  trace_context context;
  context.trace_id = read_trace_id(trace).value();
  CAF_CHECK_EQUAL(trace_id_text(context), trace);
  for (const auto& wrong : {trace.substr(1), trace + "0", std::string{"4BF92F3577B34DA6A3CE929D0E0E4736"},
                            std::string(32, '0'), std::string(32, 'g'), std::string{}})
    CAF_CHECK(!read_trace_id(wrong));
}

CAF_TEST(without a trace header there is no trace and nothing is ill formed) {
  CAF_CHECK_EQUAL(read({}), "- deferred");
  CAF_CHECK_EQUAL(read({{"host", "a"}, {"traceparent", ""}, {"b3", ""}}), "- deferred");
}

CAF_TEST(the W3C form is read with its sampled flag) {
  CAF_CHECK_EQUAL(read_w3c(sampled_parent), trace + " " + parent + " sampled");
  CAF_CHECK_EQUAL(read_w3c("00-" + trace + "-" + parent + "-00"), trace + " " + parent + " dropped");
  CAF_CHECK_EQUAL(read_w3c("00-" + trace + "-" + parent + "-ff"), trace + " " + parent + " sampled");
  CAF_CHECK_EQUAL(read_w3c("00-" + trace + "-" + parent + "-02"), trace + " " + parent + " dropped");
  CAF_CHECK_EQUAL(read({{"TraceParent", sampled_parent}}), trace + " " + parent + " sampled");
}

CAF_TEST(a higher W3C version is read by the part that is known) {
  CAF_CHECK_EQUAL(read_w3c("01-" + trace + "-" + parent + "-01"), trace + " " + parent + " sampled");
  CAF_CHECK_EQUAL(read_w3c("cc-" + trace + "-" + parent + "-01-what-the-future-will-be-like"),
                  trace + " " + parent + " sampled");
  CAF_CHECK_EQUAL(read_w3c("cc-" + trace + "-" + parent + "-01-"), trace + " " + parent + " sampled");
  CAF_CHECK_EQUAL(read_w3c("cc-" + trace + "-" + parent + "-01.what"), "- deferred !");
}

CAF_TEST(an ill formed traceparent is reported and ignored) {
  const std::string zero_trace(32, '0');
  const std::string zero_parent(16, '0');
  const std::vector<std::string> ill_formed{
    "00-" + trace + "-" + parent + "-01-extra",     "00-" + trace + "-" + parent + "-01-",
    "ff-" + trace + "-" + parent + "-01",           "00-" + zero_trace + "-" + parent + "-01",
    "00-" + trace + "-" + zero_parent + "-01",      "00-" + trace + "-" + parent + "-0",
    "00-" + trace + "-" + parent + "-0G",           "00-" + trace + "-" + parent,
    "00-" + trace.substr(1) + "-" + parent + "-01", "0-" + trace + "-" + parent + "-01",
    "00_" + trace + "-" + parent + "-01",           "00-" + trace + "_" + parent + "-01",
    "00-" + trace + "-" + parent + "_01",           "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01",
    "00-" + trace + "-00F067AA0BA902B7-01",         " " + sampled_parent,
    "0x-" + trace + "-" + parent + "-01",           "x"};
  for (const auto& bad : ill_formed)
    CAF_CHECK_EQUAL(read_w3c(bad), "- deferred !");
}

CAF_TEST(two values of traceparent are ill formed unless they are equal) {
  CAF_CHECK_EQUAL(read({{"traceparent", sampled_parent}, {"traceparent", "00-" + trace + "-" + b3_span + "-01"}}),
                  "- deferred !");
  CAF_CHECK_EQUAL(read({{"traceparent", sampled_parent}, {"traceparent", sampled_parent}}),
                  trace + " " + parent + " sampled");
}

CAF_TEST(the state is carried along unread and joined where there are several) {
  const auto read_state = [](const header_list& headers) { return extract(headers).context.trace_state; };
  CAF_CHECK_EQUAL(read_state({{"tracestate", "congo=t61rcWkgMzE"}, {"traceparent", sampled_parent}}), "congo=t61rcWkgMzE");
  CAF_CHECK_EQUAL(
    read_state({{"traceparent", sampled_parent}, {"tracestate", "a=1"}, {"TraceState", "b=2,c=3"}, {"tracestate", "d=4"}}),
    "a=1,b=2,c=3,d=4");
  CAF_CHECK_EQUAL(read_state({{"tracestate", "a=1"}}), "");
  CAF_CHECK_EQUAL(read_state({{"traceparent", "x"}, {"tracestate", "a=1"}}), "");
}

CAF_TEST(the seven headers of the reference platforms are read) {
  const auto found = extract({{"x-request-id", "1f2e"},
                              {"X-B3-TraceId", b3_trace},
                              {"X-B3-SpanId", b3_span},
                              {"X-B3-ParentSpanId", b3_parent},
                              {"X-B3-Sampled", "1"},
                              {"X-B3-Flags", "0"},
                              {"x-ot-span-context", "opaque"}});
  CAF_CHECK(!found.malformed);
  CAF_CHECK_EQUAL(trace_id_text(found.context), b3_trace);
  CAF_CHECK_EQUAL(span_id_text(found.context), b3_span);
  CAF_CHECK(found.context.decision == sampling::sampled);
  CAF_CHECK_EQUAL(found.context.request_id, "1f2e");
  CAF_CHECK_EQUAL(found.context.ot_span_context, "opaque");
  CAF_CHECK((found.context.parent_span_id == std::array<std::uint8_t, 8>{0x05, 0xe3, 0xac, 0x9a, 0x4f, 0x6e, 0x3b, 0x90}));
}

CAF_TEST(B3 in several headers holds ids and a decision or a decision alone) {
  const header ids[] = {{"x-b3-traceid", b3_trace}, {"x-b3-spanid", b3_span}};
  const auto both = b3_trace + " " + b3_span;
  CAF_CHECK_EQUAL(read({ids[0], ids[1]}), both + " deferred");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-sampled", "1"}}), both + " sampled");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-sampled", "true"}}), both + " sampled");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-sampled", "0"}}), both + " dropped");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-sampled", "false"}}), both + " dropped");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-flags", "1"}}), both + " debug");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-flags", "1"}, {"x-b3-sampled", "0"}}), both + " debug");
  CAF_CHECK_EQUAL(read({ids[0], ids[1], {"x-b3-parentspanid", b3_parent}}), both + " deferred below " + b3_parent);
  CAF_CHECK_EQUAL(read({{"x-b3-sampled", "0"}}), "- dropped");
  CAF_CHECK_EQUAL(read({{"x-b3-flags", "1"}}), "- debug");
}

CAF_TEST(a B3 trace id of 64 bits is padded on the left) {
  CAF_CHECK_EQUAL(read({{"x-b3-traceid", "64fe8b2a57d3eff7"}, {"x-b3-spanid", b3_span}}),
                  "000000000000000064fe8b2a57d3eff7 " + b3_span + " deferred");
  CAF_CHECK_EQUAL(read_b3("64fe8b2a57d3eff7-" + b3_span + "-1"), "000000000000000064fe8b2a57d3eff7 " + b3_span + " sampled");
}

CAF_TEST(ill formed B3 in several headers is reported and ignored) {
  const auto refused = [](const header_list& headers) { CAF_CHECK_EQUAL(read(headers), "- deferred !"); };
  refused({{"x-b3-traceid", b3_trace}});
  refused({{"x-b3-spanid", b3_span}});
  refused({{"x-b3-parentspanid", b3_parent}});
  refused({{"x-b3-traceid", b3_trace.substr(2)}, {"x-b3-spanid", b3_span}});
  refused({{"x-b3-traceid", "80F198EE56343BA864FE8B2A57D3EFF7"}, {"x-b3-spanid", b3_span}});
  refused({{"x-b3-traceid", std::string(32, '0')}, {"x-b3-spanid", b3_span}});
  refused({{"x-b3-traceid", b3_trace}, {"x-b3-spanid", std::string(16, '0')}});
  refused({{"x-b3-traceid", b3_trace}, {"x-b3-spanid", b3_span}, {"x-b3-parentspanid", "5"}});
  refused({{"x-b3-traceid", b3_trace}, {"x-b3-spanid", b3_span}, {"x-b3-sampled", "2"}});
  refused({{"x-b3-traceid", b3_trace}, {"x-b3-spanid", b3_span}, {"x-b3-flags", "debug"}});
  refused({{"x-b3-sampled", "d"}});
}

CAF_TEST(B3 in one header is read in its forms of one to four parts) {
  const auto both = b3_trace + " " + b3_span;
  CAF_CHECK_EQUAL(read_b3("0"), "- dropped");
  CAF_CHECK_EQUAL(read_b3("1"), "- sampled");
  CAF_CHECK_EQUAL(read_b3("d"), "- debug");
  CAF_CHECK_EQUAL(read_b3(b3_trace + "-" + b3_span), both + " deferred");
  CAF_CHECK_EQUAL(read_b3(b3_trace + "-" + b3_span + "-1"), both + " sampled");
  CAF_CHECK_EQUAL(read_b3(b3_trace + "-" + b3_span + "-0"), both + " dropped");
  CAF_CHECK_EQUAL(read_b3(b3_trace + "-" + b3_span + "-d"), both + " debug");
  CAF_CHECK_EQUAL(read_b3(b3_trace + "-" + b3_span + "-1-" + b3_parent), both + " sampled below " + b3_parent);
}

CAF_TEST(ill formed B3 in one header is reported and ignored) {
  const std::vector<std::string> ill_formed{"2",
                                            "-",
                                            "x",
                                            b3_trace,
                                            b3_trace + "-",
                                            b3_trace + "-" + b3_span + "-",
                                            b3_trace + "-" + b3_span + "-2",
                                            b3_trace + "-" + b3_span + "-" + b3_parent,
                                            b3_trace + "-" + b3_span + "-1-",
                                            b3_trace + "-" + b3_span + "-1-" + b3_parent + "-",
                                            "-" + b3_span + "-1",
                                            b3_trace + "-" + b3_span.substr(1) + "-1",
                                            std::string(32, '0') + "-" + b3_span + "-1"};
  for (const auto& bad : ill_formed)
    CAF_CHECK_EQUAL(read_b3(bad), "- deferred !");
}

CAF_TEST(W3C goes before B3 in several headers and that before B3 in one) {
  const header w3c{"traceparent", sampled_parent};
  const header_list multi{{"x-b3-traceid", b3_trace}, {"x-b3-spanid", b3_span}, {"x-b3-sampled", "0"}};
  const header single{"b3", "d"};
  CAF_CHECK_EQUAL(read({single, multi[0], multi[1], multi[2], w3c}), trace + " " + parent + " sampled");
  CAF_CHECK_EQUAL(read({single, multi[0], multi[1], multi[2]}), b3_trace + " " + b3_span + " dropped");
}

CAF_TEST(a form that is ill formed makes way for the next) {
  const std::string single = b3_trace + "-" + b3_span + "-1";
  CAF_CHECK_EQUAL(read({{"traceparent", "x"}, {"b3", single}}), b3_trace + " " + b3_span + " sampled !");
  CAF_CHECK_EQUAL(read({{"x-b3-traceid", "x"}, {"b3", single}}), b3_trace + " " + b3_span + " sampled !");
  CAF_CHECK_EQUAL(read({{"traceparent", sampled_parent}, {"b3", "x"}}), trace + " " + parent + " sampled !");
}

CAF_TEST(B3 beside W3C speaks of the same span what W3C has no word for) {
  const header w3c_sampled{"traceparent", sampled_parent};
  const header w3c_dropped{"traceparent", "00-" + trace + "-" + parent + "-00"};
  const header ids[] = {{"x-b3-traceid", trace}, {"x-b3-spanid", parent}};
  const auto both = trace + " " + parent;
  CAF_CHECK_EQUAL(read({w3c_sampled, ids[0], ids[1], {"x-b3-flags", "1"}}), both + " debug");
  CAF_CHECK_EQUAL(read({w3c_dropped, ids[0], ids[1]}), both + " deferred");
  CAF_CHECK_EQUAL(read({w3c_dropped, ids[0], ids[1], {"x-b3-sampled", "0"}}), both + " dropped");
  CAF_CHECK_EQUAL(read({w3c_sampled, ids[0], ids[1]}), both + " sampled");
  CAF_CHECK_EQUAL(read({w3c_sampled, ids[0], ids[1], {"x-b3-parentspanid", b3_parent}}),
                  both + " sampled below " + b3_parent);
  CAF_CHECK_EQUAL(read({w3c_sampled, ids[0], {"x-b3-spanid", b3_span}, {"x-b3-flags", "1"}}), both + " sampled");
}

CAF_TEST(what could break a header of a call or is endless is not carried along) {
  for (const auto* name : {"x-request-id", "x-ot-span-context", "tracestate"}) {
    for (const auto& bad :
         std::vector<std::string>{"a\r\nhost: b", std::string("a\0b", 3), "\x7f", "é", std::string(4097, 'a')}) {
      const auto found = extract({{"traceparent", sampled_parent}, {name, bad}});
      CAF_CHECK(found.malformed);
      CAF_CHECK(found.context == example(sampling::sampled));
    }
    CAF_CHECK(!extract({{"traceparent", sampled_parent}, {name, std::string(4096, 'a')}}).malformed);
  }
}

CAF_TEST(the context is written in the W3C form and in the seven headers) {
  auto context = example(sampling::sampled);
  context.parent_span_id = {0x05, 0xe3, 0xac, 0x9a, 0x4f, 0x6e, 0x3b, 0x90};
  context.trace_state = "congo=t61rcWkgMzE";
  context.request_id = "1f2e";
  context.ot_span_context = "opaque";
  header_list headers;
  inject(context, headers);
  CAF_CHECK((headers
             == header_list{{"traceparent", sampled_parent},
                            {"tracestate", "congo=t61rcWkgMzE"},
                            {"x-request-id", "1f2e"},
                            {"x-b3-traceid", trace},
                            {"x-b3-spanid", parent},
                            {"x-b3-parentspanid", b3_parent},
                            {"x-b3-sampled", "1"},
                            {"x-ot-span-context", "opaque"}}));
}

CAF_TEST(each decision is written as both forms want it) {
  const auto written = [](sampling decision) {
    header_list headers;
    inject(example(decision), headers);
    return value_of(headers, "traceparent").substr(53) + " sampled " + value_of(headers, "x-b3-sampled") + " flags "
           + value_of(headers, "x-b3-flags");
  };
  CAF_CHECK_EQUAL(written(sampling::deferred), "00 sampled (none) flags (none)");
  CAF_CHECK_EQUAL(written(sampling::dropped), "00 sampled 0 flags (none)");
  CAF_CHECK_EQUAL(written(sampling::sampled), "01 sampled 1 flags (none)");
  CAF_CHECK_EQUAL(written(sampling::debug), "01 sampled (none) flags 1");
}

CAF_TEST(writing leaves nothing of an earlier trace and everything else) {
  header_list headers{{"host", "a"},           {"TraceParent", "old"},       {"tracestate", "old"},
                      {"B3", "old"},           {"X-B3-ParentSpanId", "old"}, {"accept", "b"},
                      {"x-request-id", "old"}, {"x-ot-span-context", "old"}};
  inject({}, headers);
  CAF_CHECK((headers == header_list{{"host", "a"}, {"accept", "b"}}));
  CAF_CHECK(is_trace_header("X-B3-Flags"));
  CAF_CHECK(!is_trace_header("x-b3-"));
}

CAF_TEST(every context that is written is read back) {
  generated any;
  for (int i = 0; i < 20000; ++i) {
    trace_context context;
    if (any.below(8) != 0) {
      fill(context.trace_id, any);
      fill(context.span_id, any);
      if (any.below(2) == 0)
        fill(context.parent_span_id, any);
      context.trace_state = any.printable();
    }
    context.decision = static_cast<sampling>(any.below(4));
    context.request_id = any.printable();
    context.ot_span_context = any.printable();
    header_list headers{{"accept", "a"}, {"b3", "d"}};
    inject(context, headers);
    const auto [back, malformed] = extract(headers);
    CAF_REQUIRE(!malformed);
    CAF_REQUIRE(back == context);
  }
}

CAF_TEST(a new trace has ids and a request id and leaves the decision to others) {
  generated any;
  const auto context = new_trace(any.source());
  CAF_CHECK(context.valid());
  CAF_CHECK(context.decision == sampling::deferred);
  CAF_CHECK_EQUAL(context.request_id.size(), 36U);
  CAF_CHECK(context.parent_span_id == trace_context{}.parent_span_id);
  CAF_CHECK(new_trace(any.source()).trace_id != context.trace_id);
  CAF_CHECK(new_trace([] { return std::uint64_t{0}; }).valid());
}

CAF_TEST(a child stays in the trace and names its parent) {
  generated any;
  auto from = example(sampling::debug);
  from.trace_state = "a=1";
  from.request_id = "1f2e";
  from.ot_span_context = "opaque";
  const auto child = child_of(from, any.source());
  CAF_CHECK(child.span_id != from.span_id);
  auto expected_child = from;
  expected_child.span_id = child.span_id;
  expected_child.parent_span_id = from.span_id;
  CAF_CHECK(child == expected_child);
}

CAF_TEST(a child of no trace begins one and keeps the decision and the request id) {
  generated any;
  auto from = extract({{"b3", "0"}, {"x-request-id", "1f2e"}}).context;
  const auto child = child_of(from, any.source());
  CAF_CHECK(child.valid());
  CAF_CHECK(child.decision == sampling::dropped);
  CAF_CHECK_EQUAL(child.request_id, "1f2e");
  CAF_CHECK(child.parent_span_id == trace_context{}.parent_span_id);
}
