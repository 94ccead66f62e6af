#include <troupe/bridges/embedded/dead_letters.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/dead_letter_rows.hpp>
#include <troupe/bridges/inbound/source.hpp>
#include <troupe/bridges/outbound/redrive_spans.hpp>
#include <troupe/bridges/sqlite/job.hpp>

namespace troupe::embedded {

namespace {

using dead_letters_behind =
  caf::typed_actor<caf::result<dead_letter_page>(list_dead_letters), caf::result<numbered_dead_letter>(show_dead_letter),
                   caf::result<redriven>(redrive_dead_letters), caf::result<void>(caf::tick_atom)>;

template <class T>
struct answer {
  std::uint64_t request = 0;
  expected<T> outcome;
};

using event = std::variant<answer<dead_letter_page>, answer<numbered_dead_letter>, answer<redriven>>;
using inbox_ptr = std::shared_ptr<inbox<event>>;

class dead_letters_state {
public:
  dead_letters_state(dead_letters_behind::pointer self, sqlite::database_ptr database, const spawn_context& context)
    : self_(self),
      watcher_(context.watcher),
      service_(context.service()),
      database_(std::move(database)),
      broker_(database_->companion<broker>()),
      inbox_(std::make_shared<inbox<event>>()) {}

  dead_letters_behind::behavior_type make_behavior() {
    return {
      [this](const list_dead_letters& which) { return read(pages_, [which](auto& on) { return list(on, which); }); },
      [this](const show_dead_letter& which) { return read(letters_, [which](auto& on) { return show(on, which.number); }); },
      [this](const redrive_dead_letters& which) { return move_back(which); },
      [this](caf::tick_atom) {
        for (auto& each : inbox_->take())
          std::visit([this](auto& one) { deliver(one); }, each);
      }};
  }

private:
  template <class T>
  using promises = std::map<std::uint64_t, caf::typed_response_promise<T>>;

  promises<dead_letter_page>& waiting(const dead_letter_page*) { return pages_; }
  promises<numbered_dead_letter>& waiting(const numbered_dead_letter*) { return letters_; }
  promises<redriven>& waiting(const redriven*) { return redrives_; }

  // The callback for the database's threads that answers the request.
  template <class T>
  auto answering(std::uint64_t request) {
    return [to = inbox_, owner = caf::actor_cast<dead_letters_behind>(self_), request](expected<T> outcome) {
      if (to->put(answer<T>{request, std::move(outcome)}) == wake::needed)
        send_anonymously(owner, caf::tick_atom_v);
    };
  }

  template <class T, class Run>
  caf::result<T> read(promises<T>& among, Run run) {
    const auto request = ++last_request_;
    auto promise = self_->make_response_promise<T>();
    among.emplace(request, promise);
    database_->submit_read(sqlite::make_question<T>(sqlite::durability::unsynced, std::move(run), answering<T>(request)));
    return promise;
  }

  caf::result<redriven> move_back(const redrive_dead_letters& which) {
    const auto request = ++last_request_;
    auto promise = self_->make_response_promise<redriven>();
    redrives_.emplace(request, promise);
    auto run = [which, now = database_->now()](sqlite::connection& on) { return redrive(on, which, now); };
    auto deliver_outcome = [wakes = broker_, answers = answering<redriven>(request), watcher = watcher_,
                            service = service_](expected<redrive_outcome> outcome) {
      if (outcome.has_error()) {
        answers(outcome.error());
        return;
      }
      outbound::redrive_spans spans{watcher, inbound::source_setup{}.system, service};
      for (const auto& each : outcome->traced)
        spans.begin(each.source, each.id, each.trace);
      for (const auto& [source, ends] : outcome->ends)
        wakes->published(source, ends);
      answers(redriven{outcome->count});
    };
    database_->submit(
      sqlite::make_question<redrive_outcome>(sqlite::durability::synced, std::move(run), std::move(deliver_outcome)));
    return promise;
  }

  template <class T>
  void deliver(answer<T>& one) {
    auto node = waiting(static_cast<const T*>(nullptr)).extract(one.request);
    if (one.outcome.has_error())
      node.mapped().deliver(to_error(one.outcome.error()));
    else
      node.mapped().deliver(std::move(*one.outcome));
  }

  dead_letters_behind::pointer self_;
  const observer_ptr watcher_;
  const std::string service_;
  sqlite::database_ptr database_;
  std::shared_ptr<broker> broker_;
  inbox_ptr inbox_;
  promises<dead_letter_page> pages_;
  promises<numbered_dead_letter> letters_;
  promises<redriven> redrives_;
  std::uint64_t last_request_ = 0;
};

} // namespace

dead_letters_actor spawn_dead_letters(const spawn_context& context, sqlite::database_ptr database) {
  return spawn_supervised<dead_letters_behind, dead_letters_state>(context, std::move(database), context);
}

} // namespace troupe::embedded
