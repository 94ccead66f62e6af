#include <troupe/actors/db_writer.hpp>

#include <deque>
#include <iterator>
#include <utility>
#include <vector>

namespace troupe::actors {

namespace {

// A caller, and how many of a write's documents are its own.
struct waiting_write {
  caf::typed_response_promise<written> promise;
  std::vector<document> documents;
  std::vector<trace_context> traces;
};

struct share {
  caf::typed_response_promise<written> promise;
  std::size_t documents;
};

class db_writer_state {
public:
  db_writer_state(store_actor::pointer self, db_writer_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      watcher_(context.watcher),
      writes_(context.watcher->make_counter("troupe_db_writer_writes_total", "Writes sent to the store.",
                                            {{"service", context.service()}, {"actor", context.actor()}})),
      documents_(context.watcher->make_counter("troupe_db_writer_documents_total", "Documents in them.",
                                               {{"service", context.service()}, {"actor", context.actor()}})) {}

  store_actor::behavior_type make_behavior() {
    return {[this](write_documents& request) { return accept(request); }};
  }

private:
  caf::result<written> accept(write_documents& request) {
    if (request.documents.empty())
      return written{};
    if (waiting_documents_ + request.documents.size() > config_.waiting)
      return to_error({errc::overloaded, "too many documents wait for the store"});
    auto promise = self_->make_response_promise<written>();
    waiting_documents_ += request.documents.size();
    waiting_.push_back({promise, std::move(request.documents), std::move(request.traces)});
    flush();
    return promise;
  }

  void flush() {
    while (!waiting_.empty() && (writing_ == 0 || (writing_ < config_.under_way && waiting_documents_ >= config_.batch)))
      write();
  }

  // Whole callers' writes, until the batch is full; at least one.
  void write() {
    write_documents batch;
    std::vector<share> shares;
    while (!waiting_.empty()
           && (shares.empty() || batch.documents.size() + waiting_.front().documents.size() <= config_.batch)) {
      auto& next = waiting_.front();
      waiting_documents_ -= next.documents.size();
      shares.push_back({std::move(next.promise), next.documents.size()});
      std::move(next.documents.begin(), next.documents.end(), std::back_inserter(batch.documents));
      std::move(next.traces.begin(), next.traces.end(), std::back_inserter(batch.traces));
      waiting_.pop_front();
    }
    ++writing_;
    writes_.add();
    documents_.add(static_cast<double>(batch.documents.size()));
    auto parts = std::make_shared<std::vector<share>>(std::move(shares));
    ask(self_, config_.to, config_.timeout, std::move(batch))
      .then(
        [this, parts](written& done) {
          next(); // the store works on while the callers are answered
          distribute(*parts, done);
        },
        [this, parts](const caf::error& why) {
          next();
          for (auto& part : *parts)
            part.promise.deliver(to_error(to_failure(why)));
        });
  }

  void next() {
    --writing_;
    flush();
  }

  static void distribute(std::vector<share>& parts, written& done) {
    auto from = done.each.begin();
    for (auto& part : parts) {
      if (static_cast<std::size_t>(done.each.end() - from) < part.documents) {
        part.promise.deliver(to_error({errc::internal, "the store answered for fewer documents than it was given"}));
        from = done.each.end();
        continue;
      }
      const auto to = from + static_cast<std::ptrdiff_t>(part.documents);
      part.promise.deliver(written{{std::make_move_iterator(from), std::make_move_iterator(to)}});
      from = to;
    }
  }

  store_actor::pointer self_;
  db_writer_config config_;
  observer_ptr watcher_; // owns the counters
  counter& writes_;
  counter& documents_;
  std::deque<waiting_write> waiting_;
  std::size_t waiting_documents_ = 0;
  std::size_t writing_ = 0; ///< writes under way
};

} // namespace

store_actor spawn_db_writer(const spawn_context& context, db_writer_config config) {
  return spawn_supervised<store_actor, db_writer_state>(context, std::move(config), context);
}

} // namespace troupe::actors
