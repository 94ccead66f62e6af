#include <troupe/actors/recorder.hpp>

#include <utility>
#include <vector>

#include <troupe/actors/key_runs.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::actors {

namespace {

class recorder_state {
public:
  // A document of the write: the position of its delivery in the batch, and whether one of the same key stands before it.
  struct part {
    std::size_t position;
    bool behind;
  };

  recorder_state(handler_actor::pointer self, recorder_config config) : self_(self), config_(std::move(config)) {}

  handler_actor::behavior_type make_behavior() {
    return {[this](const deliveries& received) { return record(received); }};
  }

private:
  caf::result<replies> record(const deliveries& received) {
    replies answers;
    answers.each.resize(received.batch.size());
    write_documents documents;
    std::vector<part> parts;
    key_runs runs;
    key_runs begun;
    for (std::size_t at = 0; at != received.batch.size(); ++at) {
      const auto& one = received.batch[at];
      if (runs.stopped(one)) {
        answers.each[at].verdict = verdict::untouched;
      } else if (auto made = config_.to_document(one); made) {
        documents.documents.push_back(std::move(*made));
        documents.behalf_of(one.content.trace);
        parts.push_back({at, begun.stopped(one)});
        begun.stop(one);
      } else {
        const auto transient = is_transient(made.error().code);
        answers.each[at] = {transient ? verdict::retry : verdict::reject, made.error()};
        runs.stop(one);
      }
    }
    if (parts.empty())
      return answers;
    auto promise = self_->make_response_promise<replies>();
    ask(self_, config_.store, config_.timeout, std::move(documents))
      .then(
        [promise, answers, parts](const written& done) mutable {
          if (done.each.size() != parts.size()) {
            promise.deliver(to_error({errc::internal, "the store answered for another number of documents"}));
            return;
          }
          for (std::size_t n = 0; n != parts.size(); ++n)
            if (done.each[n].outcome == write_outcome::refused)
              answers.each[parts[n].position] = {verdict::reject, done.each[n].why};
          promise.deliver(std::move(answers));
        },
        [promise, answers, parts](const caf::error& why) mutable {
          for (const auto& [position, behind] : parts)
            answers.each[position] = behind ? reply{verdict::untouched} : reply{verdict::retry, to_failure(why)};
          promise.deliver(std::move(answers));
        });
    return promise;
  }

  handler_actor::pointer self_;
  recorder_config config_;
};

void append_member(std::string& body, std::string_view name, std::string_view value) {
  body += body.size() == 1 ? "" : ",";
  append_json_string(body, name);
  body += ':';
  append_json_string(body, value);
}

} // namespace

document_function greeting_documents(std::string database, std::string collection, document_form form) {
  return [database = std::move(database), collection = std::move(collection),
          form](const delivery& received) -> expected<document> {
    auto read = greeting_from_json(received.content.payload);
    if (!read)
      return read.error();
    if (read->id.empty())
      read->id = id_text(received.content.id);
    return to_document(*read, database, collection, form);
  };
}

document_function text_documents(std::string database, std::string collection) {
  return
    [database = std::move(database), collection = std::move(collection)](const delivery& received) -> expected<document> {
      auto id = id_text(received.content.id);
      std::string body = "{";
      append_member(body, "id", id);
      if (received.content.key)
        append_member(body, "key", *received.content.key);
      append_member(body, "message", received.content.payload);
      append_member(body, "source", received.from.source);
      body += ",\"partition\":" + std::to_string(received.from.partition)
              + ",\"offset\":" + std::to_string(received.from.offset) + '}';
      return document{database, collection, std::move(id), std::move(body)};
    };
}

handler_actor spawn_recorder(const spawn_context& context, recorder_config config) {
  return spawn_supervised<handler_actor, recorder_state>(context, std::move(config));
}

} // namespace troupe::actors
