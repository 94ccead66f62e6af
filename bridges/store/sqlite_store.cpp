#include <troupe/bridges/store/sqlite_store.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/bridges/outbound/write_span.hpp>
#include <troupe/bridges/outbound/written_counters.hpp>
#include <troupe/bridges/sqlite/job.hpp>
#include <troupe/bridges/store/document_rows.hpp>

namespace troupe::store {

namespace {

// The tick says that something is in the inbox; the update, that it is time for retention.
using store_behind = caf::typed_actor<caf::result<written>(write_documents), caf::result<void>(caf::tick_atom),
                                      caf::result<void>(caf::update_atom)>;

constexpr std::size_t row_overhead = 128; // of a document that waits, beside its own bytes, roughly

struct inserted {
  std::uint64_t request = 0;
  expected<std::vector<write_outcome>> outcomes;
};

struct retained {
  expected<std::int64_t> removed;
};

using event = std::variant<inserted, retained>;
using inbox_ptr = std::shared_ptr<inbox<event>>;

struct metrics {
  explicit metrics(const spawn_context& context)
    : watcher(context.watcher),
      documents(*watcher, "troupe_store", labels(context)),
      removed(
        context.watcher->make_counter("troupe_store_expired_total", "Documents removed by retention.", labels(context))) {}

  static label_list labels(const spawn_context& context) {
    return {{"service", std::string_view{*context.path}.substr(0, context.path->find('/'))}};
  }

  observer_ptr watcher; ///< owns the metrics below
  outbound::written_counters documents;
  counter& removed;
};

class store_state {
public:
  store_state(store_behind::pointer self, sqlite::database_ptr database, config limits, const spawn_context& context)
    : self_(self),
      database_(std::move(database)),
      limits_(limits),
      inbox_(std::make_shared<inbox<event>>()),
      metrics_(context),
      service_(context.service()) {}

  store_behind::behavior_type make_behavior() {
    send(self_, me(), caf::update_atom_v);
    return {[this](write_documents& write) { return take(write); },
            [this](caf::tick_atom) {
              for (auto& each : inbox_->take())
                std::visit([this](auto& result) { happened(result); }, each);
            },
            [this](caf::update_atom) {
              if (const auto mistakes = validate(limits_); !mistakes.empty())
                self_->quit(to_error({errc::invalid, mistakes.front()}));
              else if (limits_.age || limits_.bytes)
                remove_old();
            }};
  }

private:
  struct waiting_write {
    caf::typed_response_promise<written> promise;
    written answer; ///< the refusals stand in it already
    std::optional<span> work;
  };

  store_behind me() const { return caf::actor_cast<store_behind>(self_); }

  caf::result<written> take(write_documents& write) {
    auto work = outbound::write_span(metrics_.watcher, "sqlite", write, service_);
    written answer;
    answer.each.reserve(write.documents.size());
    std::vector<document> fit;
    fit.reserve(write.documents.size());
    std::size_t weight = 0;
    for (auto& each : write.documents) {
      answer.each.push_back(judge(each, limits_));
      if (answer.each.back().outcome == write_outcome::refused)
        continue;
      weight += each.body.size() + each.id.size() + row_overhead;
      fit.push_back(std::move(each));
    }
    if (fit.empty()) {
      outbound::end_write(work, answer);
      return counted(std::move(answer));
    }
    auto promise = self_->make_response_promise<written>();
    const auto request = ++last_request_;
    waiting_.emplace(request, waiting_write{promise, std::move(answer), std::move(work)});
    auto run = [fit = std::move(fit), now = database_->now()](sqlite::connection& on) { return insert(on, fit, now); };
    database_->submit(sqlite::make_question<std::vector<write_outcome>>(
      sqlite::durability::synced, std::move(run),
      [request, to = inbox_, owner = me()](expected<std::vector<write_outcome>> outcomes) {
        if (to->put(inserted{request, std::move(outcomes)}) == wake::needed)
          send_anonymously(owner, caf::tick_atom_v);
      },
      weight));
    return promise;
  }

  written counted(written answer) const {
    metrics_.documents.count(answer);
    return answer;
  }

  void happened(inserted& result) {
    auto node = waiting_.extract(result.request);
    auto& [promise, answer, work] = node.mapped();
    if (result.outcomes.has_error()) {
      outbound::end_write(work, result.outcomes.error());
      promise.deliver(to_error(result.outcomes.error()));
      return;
    }
    auto next = result.outcomes->begin();
    for (auto& each : answer.each)
      if (each.outcome != write_outcome::refused)
        each.outcome = *next++;
    outbound::end_write(work, answer);
    promise.deliver(counted(std::move(answer)));
  }

  void remove_old() {
    auto run = [limits = limits_, now = database_->now()](sqlite::connection& on) {
      return remove_expired(on, limits, now);
    };
    database_->submit(sqlite::make_question<std::int64_t>(sqlite::durability::unsynced, std::move(run),
                                                          [to = inbox_, owner = me()](expected<std::int64_t> removed) {
                                                            if (to->put(retained{std::move(removed)}) == wake::needed)
                                                              send_anonymously(owner, caf::tick_atom_v);
                                                          }));
  }

  // A full step is followed by the next one at once; others write in between.
  void happened(const retained& result) {
    const auto removed = result.removed.has_value() ? *result.removed : 0; // a failed step is repeated in its time
    metrics_.removed.add(static_cast<double>(removed));
    if (removed >= limits_.step)
      remove_old();
    else
      send_later(self_, me(), limits_.every, caf::update_atom_v);
  }

  store_behind::pointer self_;
  sqlite::database_ptr database_;
  config limits_;
  inbox_ptr inbox_;
  metrics metrics_;
  const std::string service_;
  std::map<std::uint64_t, waiting_write> waiting_;
  std::uint64_t last_request_ = 0;
};

} // namespace

store_actor spawn_sqlite_store(const spawn_context& context, sqlite::database_ptr database, config limits) {
  return spawn_supervised<store_behind, store_state>(context, std::move(database), limits, context);
}

} // namespace troupe::store
