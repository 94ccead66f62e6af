#include <troupe/bridges/mongodb/store.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/bridges/mongodb/metrics.hpp>
#include <troupe/bridges/mongodb/write_pool.hpp>
#include <troupe/bridges/outbound/in_flight.hpp>
#include <troupe/bridges/outbound/write_spans.hpp>

namespace troupe::mongodb {

namespace {

// The tick says that writes have ended.
using store_behind = caf::typed_actor<caf::result<written>(write_documents), caf::result<void>(caf::tick_atom)>;

struct ended {
  std::uint64_t request = 0;
  expected<written> outcome;
};

class store_state {
public:
  store_state(store_behind::pointer self, config settings, const spawn_context& context)
    : self_(self),
      config_(std::move(settings)),
      metrics_(context),
      watcher_(context.watcher),
      service_(context.service()),
      link_(std::make_shared<link_watch>(context, config_.state, "MongoDB")),
      seed_(context.seed),
      inbox_(std::make_shared<inbox<ended>>()),
      in_flight_(config_.in_flight, config_.in_flight_bytes, metrics_.in_flight) {}
  store_state(const store_state&) = delete;
  store_state& operator=(const store_state&) = delete;
  ~store_state() {
    if (write_pool_)
      write_pool_->stop();
  }

  store_behind::behavior_type make_behavior() {
    send(self_, me(), caf::tick_atom_v);
    return {[this](write_documents& write) { return take(write); },
            [this](caf::tick_atom) {
              if (!open())
                return;
              for (auto& each : inbox_->take())
                happened(each);
            }};
  }

private:
  store_behind me() const { return caf::actor_cast<store_behind>(self_); }

  bool open() {
    if (write_pool_)
      return true;
    if (const auto mistakes = validate(config_); !mistakes.empty()) {
      self_->quit(to_error(invalid(mistakes)));
      return false;
    }
    write_pool_ = std::make_shared<write_pool>(config_, link_, seed_);
    // Its thread is CAF's own, so that the system waits for it at its end.
    self_->home_system().spawn<caf::detached>([one = write_pool_](caf::event_based_actor*) { one->run(); });
    return true;
  }

  caf::result<written> take(write_documents& write) {
    if (!open())
      return to_error({errc::invalid, "the store's configuration is wrong"});
    if (write.documents.empty())
      return written{};
    // While the write_pool waits for the servers, callers are answered at once.
    if (const auto trouble = link_->link_trouble()) {
      metrics_.failures.add();
      return to_error(is_transient(trouble->code) ? *trouble : failure{errc::unavailable, trouble->reason});
    }
    std::size_t bytes = 0;
    for (const auto& each : write.documents)
      bytes += each.id.size() + each.body.size();
    const auto documents = write.documents.size();
    if (!in_flight_.admits(documents, bytes)) {
      metrics_.overloads.add();
      return to_error({errc::overloaded, "too many documents wait for MongoDB"});
    }
    auto promise = self_->make_response_promise<written>();
    outbound::write_spans work(watcher_, "mongodb", write, service_);
    const auto request = in_flight_.add({promise, documents, bytes, self_->clock().now()});
    if (!work.empty())
      spans_.emplace(request, std::move(work));
    write_pool_->take(
      {std::move(write.documents),
       [request, to = inbox_, owner = caf::actor_cast<caf::weak_actor_ptr>(me())](expected<written> outcome) {
         if (to->put({request, std::move(outcome)}) == wake::needed)
           if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(owner))
             send_anonymously(caf::actor_cast<store_behind>(strong), caf::tick_atom_v);
       }});
    return promise;
  }

  void happened(ended& result) {
    auto done = in_flight_.take(result.request);
    end_span(result);
    metrics_.latency.observe(std::chrono::duration<double>(self_->clock().now() - done.since).count());
    if (result.outcome.has_error()) {
      metrics_.failures.add();
      done.promise.deliver(to_error(result.outcome.error()));
      return;
    }
    metrics_.written.count(*result.outcome);
    done.promise.deliver(std::move(*result.outcome));
  }

  void end_span(const ended& result) {
    auto begun = spans_.extract(result.request);
    if (!begun)
      return;
    if (result.outcome.has_error())
      begun.mapped().end(result.outcome.error());
    else
      begun.mapped().end(*result.outcome);
  }

  store_behind::pointer self_;
  const config config_;
  metrics metrics_;
  const observer_ptr watcher_;
  const std::string service_;
  std::map<std::uint64_t, outbound::write_spans> spans_; ///< by request, where a trace is recorded
  std::shared_ptr<link_watch> link_;
  std::uint64_t seed_;
  std::shared_ptr<inbox<ended>> inbox_;
  std::shared_ptr<write_pool> write_pool_; ///< none before the first message
  outbound::in_flight<troupe::written> in_flight_;
};

} // namespace

store_actor spawn_store(const spawn_context& context, config settings) {
  return spawn_supervised<store_behind, store_state>(context, std::move(settings), context);
}

} // namespace troupe::mongodb
