#include <troupe/bridges/store/sqlite_store.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/bridges/outbound/write_spans.hpp>
#include <troupe/bridges/outbound/written_counters.hpp>
#include <troupe/bridges/sqlite/job.hpp>
#include <troupe/bridges/sqlite/retention.hpp>
#include <troupe/bridges/store/document_rows.hpp>

namespace troupe::store {

namespace {

// The tick says that something is in the inbox.
using store_behind = caf::typed_actor<caf::result<written>(write_documents), caf::result<void>(caf::tick_atom)>;

constexpr std::size_t row_overhead = 128; // of a document that waits, beside its own bytes, roughly

struct inserted {
  std::uint64_t request = 0;
  expected<std::vector<write_outcome>> outcomes;
};

using inbox_ptr = std::shared_ptr<inbox<inserted>>;

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
      inbox_(std::make_shared<inbox<inserted>>()),
      metrics_(context),
      service_(context.service()) {
    if (validate(limits_).empty() && (limits_.age || limits_.bytes))
      retention_ = keep_within_limits(context);
  }
  ~store_state() {
    if (retention_)
      ask_to_end(retention_, caf::exit_reason::user_shutdown);
  }
  store_state(const store_state&) = delete;
  store_state& operator=(const store_state&) = delete;

  store_behind::behavior_type make_behavior() {
    if (const auto mistakes = validate(limits_); !mistakes.empty())
      self_->quit(to_error({errc::invalid, mistakes.front()}));
    return {[this](write_documents& write) { return take(write); },
            [this](caf::tick_atom) {
              for (auto& each : inbox_->take())
                happened(each);
            }};
  }

private:
  struct waiting_write {
    caf::typed_response_promise<written> promise;
    written answer; ///< the refusals stand in it already
    outbound::write_spans work;
  };

  store_behind me() const { return caf::actor_cast<store_behind>(self_); }

  caf::result<written> take(write_documents& write) {
    outbound::write_spans work(metrics_.watcher, "sqlite", write, service_);
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
      work.end(answer);
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
      work.end(result.outcomes.error());
      promise.deliver(to_error(result.outcomes.error()));
      return;
    }
    auto next = result.outcomes->begin();
    for (auto& each : answer.each)
      if (each.outcome != write_outcome::refused)
        each.outcome = *next++;
    work.end(answer);
    promise.deliver(counted(std::move(answer)));
  }

  [[nodiscard]] caf::actor keep_within_limits(const spawn_context& context) const {
    const auto remove = [limits = limits_](sqlite::connection& on, timestamp now) {
      return remove_expired(on, limits, now);
    };
    const auto removed = [watcher = metrics_.watcher, &total = metrics_.removed](const sqlite::removal& step) {
      total.add(static_cast<double>(step.count));
    };
    return sqlite::spawn_retention(context, database_, {limits_.every, remove, removed});
  }

  store_behind::pointer self_;
  sqlite::database_ptr database_;
  config limits_;
  inbox_ptr inbox_;
  metrics metrics_;
  const std::string service_;
  caf::actor retention_; ///< none where everything stays
  std::map<std::uint64_t, waiting_write> waiting_;
  std::uint64_t last_request_ = 0;
};

} // namespace

store_actor spawn_sqlite_store(const spawn_context& context, sqlite::database_ptr database, config limits) {
  return spawn_supervised<store_behind, store_state>(context, std::move(database), limits, context);
}

} // namespace troupe::store
