#include <troupe/bridges/http/routes.hpp>

#include <memory>

#include <troupe/actors/runtime/actor_client.hpp>
#include <troupe/bridges/http/edge_span.hpp>
#include <troupe/bridges/http/pending_answer.hpp>
#include <troupe/bridges/http/problem.hpp>

namespace troupe::http {

namespace {

// Names the trace where its spans are recorded, so that who asked can look it up (Trace Context level 2, section 4).
void name_trace(response& answer, const span& of) {
  if (of.recorded())
    answer.headers.push_back(
      {"traceresponse", "00-" + trace_id_text(of.context()) + '-' + span_id_text(of.context()) + "-01"});
}

/// The answer that one greeting call owes its client, in the form that the client asked for. Dropped, it says that nobody
/// answers any more. Its span ends with it.
class greeting_reply final : public answer_receiver<greeting_answer> {
public:
  greeting_reply(pending_answer to, greeting_form form, greeting_order order, span watched, std::string request_id)
    : reply_(std::move(to)), form_(form), order_(order), span_(std::move(watched)), request_id_(std::move(request_id)) {}
  ~greeting_reply() override {
    if (!reply_.given())
      failed({errc::shutting_down, "the edge ended before it was answered"});
  }
  greeting_reply(const greeting_reply&) = delete;
  greeting_reply& operator=(const greeting_reply&) = delete;

  void answered(const greeting_answer& answer) override {
    auto rendered = encode_greeting_answer(answer, form_, order_);
    rendered.request_id = request_id_;
    name_trace(rendered, span_);
    answered_with(span_, rendered.status);
    reply_.give(std::move(rendered));
  }
  void failed(failure why) override {
    auto rendered = problem(why, request_id_);
    name_trace(rendered, span_);
    span_.with("http.response.status_code", rendered.status);
    reply_.give(std::move(rendered));
    span_.fail(std::move(why));
  }

private:
  pending_answer reply_;
  greeting_form form_;
  greeting_order order_;
  span span_;
  std::string request_id_;
};

} // namespace

deferred_handler greeting_handler(const greeting_terms& terms, const edge_ports& ports) {
  auto& malformed = ports.watcher->make_counter("troupe_http_malformed_traces_total",
                                                "Requests whose trace headers were ill formed and ignored.", {});
  return [terms, random = one_at_a_time(ports.random), greeter = actor_client<greeter_actor>{ports.greeter, ports.calls},
          watcher = ports.watcher, &malformed](const request& incoming, pending_answer answer) {
    const auto now = steady_now();
    auto call = decode_greeting_call(incoming, terms, now, random);
    if (!call) {
      answer.give(problem(call.error(), incoming.request_id));
      return instant::max();
    }
    if (call->origin == trace_origin::malformed)
      malformed.add();
    auto watched = edge_span(watcher, incoming, incoming.path, call->ask.trace);
    call->ask.trace = watched.context();
    const auto answer_by = call->ask.answer_by.at();
    call->ask.abandoned = answer.abandoned();
    auto owed = std::make_unique<greeting_reply>(std::move(answer), terms.form, call->ask.order, std::move(watched),
                                                 call->ask.trace.request_id);
    greeter.ask(std::move(call->ask), answer_by, std::move(owed), turns::scheduler);
    return answer_by;
  };
}

handler health_handler(std::function<health_report()> look) {
  return [look = std::move(look)](const request& /*request*/) {
    const auto report = look();
    response result;
    result.status = report.passing() ? 200 : 503;
    result.content_type = media_type::json;
    result.body = to_json(report);
    result.headers.push_back({"Cache-Control", "no-store"});
    return result;
  };
}

} // namespace troupe::http
