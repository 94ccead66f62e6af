#include <troupe/bridges/embedded/publisher.hpp>

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include <troupe/bridges/embedded/broker.hpp>
#include <troupe/bridges/embedded/codec.hpp>
#include <troupe/bridges/embedded/partitioner.hpp>
#include <troupe/bridges/embedded/partitions.hpp>
#include <troupe/bridges/embedded/retention.hpp>
#include <troupe/bridges/outbound/publisher.hpp>
#include <troupe/bridges/sqlite/job.hpp>

namespace troupe::embedded {

namespace {

constexpr auto acknowledged_within = std::chrono::hours{24 * 365}; // without a limit: the database answers every write

// What all appends of one publisher share. It does not own the database, so that jobs may own it.
struct append_context {
  const destination to;
  const std::shared_ptr<broker> wakes;
  std::vector<stored_partition> partitions; ///< as they are committed; for the writing thread alone
};

// A failure of the file says nothing of the messages: they may be published again.
failure outcome_of(const expected<void>& committed) {
  if (committed.has_value())
    return {errc::none, {}};
  auto why = committed.error();
  if (why.code == errc::internal)
    why.code = errc::storage_failed;
  return why;
}

// One publish: appends, and after the commit wakes the subscriptions first, then the publisher.
class append_job final : public sqlite::job {
public:
  append_job(std::shared_ptr<append_context> in, std::shared_ptr<outbound::sender_link> reports_to,
             outbound::publish_request_ptr request, std::vector<addressed_message> accepted, timestamp at,
             std::size_t weight)
    : in_(std::move(in)),
      reports_to_(std::move(reports_to)),
      request_(std::move(request)),
      accepted_(std::move(accepted)),
      at_(at),
      weight_(weight) {}

  expected<void> run(sqlite::connection& on) override {
    partitions_ = in_->partitions;
    if (partitions_.empty()) {
      auto declared = declare(on, in_->to);
      if (declared.has_error())
        return declared.error();
      partitions_ = std::move(*declared);
    }
    auto ends = append(on, partitions_, accepted_, at_);
    if (ends.has_error())
      return ends.error();
    ends_ = std::move(*ends);
    return {};
  }

  void completed(const expected<void>& outcome) noexcept override {
    if (outcome.has_value()) {
      if (in_->partitions.empty())
        in_->partitions = std::move(partitions_); // durable only now
      in_->wakes->published(in_->to.name, ends_);
    }
    request_->settle_rest(outcome_of(outcome));
    reports_to_->report(std::move(request_));
  }

  [[nodiscard]] std::size_t weight() const noexcept override { return weight_; }

private:
  const std::shared_ptr<append_context> in_;
  const std::shared_ptr<outbound::sender_link> reports_to_;
  outbound::publish_request_ptr request_;
  const std::vector<addressed_message> accepted_;
  const timestamp at_;
  const std::size_t weight_;
  std::vector<stored_partition> partitions_;
  partition_ends ends_;
};

// A sender without a thread: the publisher's actor submits to the database, whose threads report.
class append_link final : public outbound::sender_link, public std::enable_shared_from_this<append_link> {
public:
  append_link(const spawn_context& context, sqlite::database_ptr database, const destination& to,
              std::function<void()> wake_actor)
    : outbound::sender_link(std::move(wake_actor)),
      database_(std::move(database)),
      in_(std::make_shared<append_context>(append_context{to, database_->companion<broker>(), {}})) {
    if (to.keep.age || to.keep.bytes)
      retention_ = spawn_retention(context, database_, to);
  }

private:
  void nudge() noexcept override {
    try {
      for (auto& each : take_orders())
        submit(std::move(each));
    } catch (const std::exception& thrown) {
      report(thread_failed{{errc::internal, thrown.what()}});
    }
  }

  // The actor is gone. Jobs that are under way own this link, and must not own the database.
  void interrupt() noexcept override {
    database_ = nullptr;
    if (auto retention = std::exchange(retention_, nullptr))
      ask_to_end(retention, caf::exit_reason::user_shutdown);
  }

  void submit(outbound::publish_request_ptr request) {
    const auto& messages = request->messages();
    std::vector<addressed_message> accepted;
    accepted.reserve(messages.size());
    std::size_t weight = 0;
    for (std::size_t index = 0; index < messages.size(); ++index) {
      const auto bytes = static_cast<std::size_t>(weight_of(messages[index]));
      if (bytes > in_->to.largest_message) {
        request->settle(
          index, {errc::rejected, "the message is larger than " + std::to_string(in_->to.largest_message) + " bytes"});
        continue;
      }
      weight += bytes;
      accepted.push_back({partition_for(messages[index]), &messages[index]});
    }
    if (accepted.empty())
      return report(std::move(request));
    database_->submit(std::make_unique<append_job>(in_, shared_from_this(), std::move(request), std::move(accepted),
                                                   database_->now(), weight));
  }

  std::int32_t partition_for(const message& content) noexcept {
    const auto count = in_->to.partitions;
    if (count == 1)
      return 0;
    if (content.key)
      return partition_of(*content.key, count);
    turn_ = (turn_ + 1) % count;
    return turn_;
  }

  sqlite::database_ptr database_;
  const std::shared_ptr<append_context> in_;
  caf::actor retention_; ///< none where everything stays
  std::int32_t turn_ = -1;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, sqlite::database_ptr database, destination to) {
  outbound::publisher_setup setup{"troupe",
                                  to.name,
                                  validate(to),
                                  to.in_flight,
                                  to.in_flight_bytes,
                                  acknowledged_within,
                                  {context, "embedded", {"source", to.name}},
                                  [context, database = std::move(database), to](std::function<void()> wake_actor) {
                                    return linked_thread<outbound::sender_link>{
                                      std::make_shared<append_link>(context, database, to, std::move(wake_actor)), {}};
                                  }};
  return outbound::spawn_publisher(context, std::move(setup));
}

} // namespace troupe::embedded
