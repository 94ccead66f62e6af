#include <troupe/bridges/embedded/publisher.hpp>

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include <troupe/actors/runtime/inbox.hpp>
#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/embedded/metrics.hpp>
#include <troupe/bridges/embedded/partitioner.hpp>
#include <troupe/bridges/embedded/publishing.hpp>
#include <troupe/bridges/embedded/retention.hpp>
#include <troupe/bridges/sqlite/question.hpp>

namespace troupe::embedded {

namespace {

// The tick says that something is in the inbox; the update, that it is time for retention.
using publisher_behind =
  caf::typed_actor<caf::result<published>(publish), caf::result<void>(caf::tick_atom), caf::result<void>(caf::update_atom)>;

struct appended {
  std::uint64_t request = 0;
  expected<void> outcome;
};

struct retained {
  expected<std::int64_t> removed;
};

using event = std::variant<appended, retained>;
using inbox_ptr = std::shared_ptr<inbox<event>>;

void put(const inbox_ptr& to, const publisher_behind& owner, event what) {
  if (to->put(std::move(what)) == wake::needed)
    send_anonymously(owner, caf::tick_atom_v);
}

// What is known of the destination on the writing thread, shared by all publishes of one publisher. Only that thread uses
// it.
struct known_lanes {
  std::vector<lane> lanes;
};

// One publish: appends, and after the commit tells the subscriptions first, then the publisher.
class append_job final : public sqlite::job {
public:
  struct tools {
    std::shared_ptr<const destination> to;
    std::shared_ptr<known_lanes> known;
    std::shared_ptr<broker> wakes;
    inbox_ptr answers;
    publisher_behind owner;
  };

  append_job(tools with, std::uint64_t request, std::vector<addressed_message> what, timestamp at, std::size_t weight)
    : with_(std::move(with)), request_(request), what_(std::move(what)), at_(at), weight_(weight) {}

  expected<void> run(sqlite::connection& on) override {
    lanes_ = with_.known->lanes;
    if (lanes_.empty()) {
      auto declared = declare(on, *with_.to);
      if (declared.has_error())
        return declared.error();
      lanes_ = std::move(*declared);
    }
    auto ends = append(on, lanes_, what_, at_);
    if (ends.has_error())
      return ends.error();
    ends_ = std::move(*ends);
    return {};
  }

  void completed(const expected<void>& outcome) noexcept override {
    if (outcome.has_value()) {
      if (with_.known->lanes.empty())
        with_.known->lanes = std::move(lanes_); // durable only now
      with_.wakes->published(with_.to->name, ends_);
    }
    put(with_.answers, with_.owner, appended{request_, outcome});
  }

  [[nodiscard]] std::size_t weight() const noexcept override { return weight_; }

private:
  tools with_;
  std::uint64_t request_;
  std::vector<addressed_message> what_;
  timestamp at_;
  std::size_t weight_;
  std::vector<lane> lanes_;
  lane_ends ends_;
};

class publisher_state {
public:
  publisher_state(publisher_behind::pointer self, sqlite::database_ptr database, destination to,
                  const spawn_context& context)
    : self_(self),
      database_(std::move(database)),
      to_(std::make_shared<const destination>(std::move(to))),
      broker_(database_->companion<broker>()),
      inbox_(std::make_shared<inbox<event>>()),
      metrics_(context, to_->name) {}

  publisher_behind::behavior_type make_behavior() {
    if (to_->keep.age || to_->keep.bytes)
      send(self_, me(), caf::update_atom_v);
    return {[this](publish& what) { return take(what); },
            [this](caf::tick_atom) {
              for (auto& each : inbox_->take())
                std::visit([this](auto& what) { happened(what); }, each);
            },
            [this](caf::update_atom) { remove_old(); }};
  }

private:
  struct waiting_publish {
    caf::typed_response_promise<published> promise;
    published answer; ///< the refusals stand in it already
  };

  publisher_behind me() const { return caf::actor_cast<publisher_behind>(self_); }

  caf::result<published> take(publish& what) {
    if (const auto mistakes = validate(*to_); !mistakes.empty()) {
      const auto invalid = to_error({errc::invalid, mistakes.front()});
      self_->quit(invalid);
      return invalid;
    }
    published answer;
    answer.outcomes.resize(what.messages.size(), {errc::none, {}});
    std::vector<addressed_message> accepted;
    accepted.reserve(what.messages.size());
    std::size_t weight = 0;
    for (std::size_t i = 0; i < what.messages.size(); ++i) {
      auto& each = what.messages[i];
      const auto bytes = static_cast<std::size_t>(weight_of(each));
      if (bytes > to_->largest_message) {
        answer.outcomes[i] = {errc::rejected,
                              "the message is larger than " + std::to_string(to_->largest_message) + " bytes"};
        metrics_.refused.add();
        continue;
      }
      weight += bytes;
      accepted.push_back({partition_for(each), std::move(each)});
    }
    if (accepted.empty())
      return answer;
    auto promise = self_->make_response_promise<published>();
    const auto request = ++last_request_;
    waiting_.emplace(request, waiting_publish{promise, std::move(answer)});
    database_->submit(std::make_unique<append_job>(append_job::tools{to_, known_, broker_, inbox_, me()}, request,
                                                   std::move(accepted), database_->now(), weight));
    return promise;
  }

  std::int32_t partition_for(const message& what) noexcept {
    if (to_->partitions == 1)
      return 0;
    if (what.key)
      return partition_of(*what.key, to_->partitions);
    turn_ = (turn_ + 1) % to_->partitions;
    return turn_;
  }

  void happened(appended& what) {
    auto node = waiting_.extract(what.request);
    auto& [promise, answer] = node.mapped();
    if (what.outcome.has_error()) {
      metrics_.refused.add(static_cast<double>(answer.outcomes.size()));
      promise.deliver(to_error(what.outcome.error()));
      return;
    }
    for (const auto& each : answer.outcomes)
      if (each.code == errc::none)
        metrics_.published.add();
    promise.deliver(std::move(answer));
  }

  void remove_old() {
    auto run = [to = to_, now = database_->now()](sqlite::connection& on) { return remove_expired(on, *to, now); };
    database_->submit(sqlite::make_question<std::int64_t>(
      sqlite::durability::unsynced, std::move(run),
      [to = inbox_, owner = me()](expected<std::int64_t> removed) { put(to, owner, retained{std::move(removed)}); }));
  }

  // A full step is followed by the next one at once; others write in between.
  void happened(const retained& what) {
    const auto removed = what.removed.has_value() ? *what.removed : 0; // what failed is tried again in its time
    metrics_.removed.add(static_cast<double>(removed));
    if (removed >= to_->keep.step)
      remove_old();
    else
      send_later(self_, me(), to_->keep.every, caf::update_atom_v);
  }

  publisher_behind::pointer self_;
  sqlite::database_ptr database_;
  std::shared_ptr<const destination> to_;
  std::shared_ptr<broker> broker_;
  std::shared_ptr<known_lanes> known_ = std::make_shared<known_lanes>();
  inbox_ptr inbox_;
  publisher_metrics metrics_;
  std::map<std::uint64_t, waiting_publish> waiting_;
  std::uint64_t last_request_ = 0;
  std::int32_t turn_ = -1;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, sqlite::database_ptr database, destination to) {
  return spawn_supervised<publisher_behind, publisher_state>(context, std::move(database), std::move(to), context);
}

} // namespace troupe::embedded
