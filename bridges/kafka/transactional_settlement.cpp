#include <troupe/bridges/kafka/transactional_settlement.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

namespace {

constexpr auto one_attempt = std::chrono::seconds{1}; // so that orders are taken meanwhile
constexpr int seek_ms = 5000;

transactional_work& new_work(member_state& in, std::string service) {
  auto made = std::make_unique<transactional_work>(in.config, std::move(service), in.metrics);
  auto& result = *made;
  in.work = std::move(made);
  return result;
}

} // namespace

transactional_settlement::transactional_settlement(member_state& shared, std::string service)
  : member_(shared), work_(new_work(shared, std::move(service))), producer_to_(shared.access.to()) {
  producer_to_.statistics = duration::zero(); // the consumer has those of the same brokers
}

bool transactional_settlement::open() {
  while (member_.running()) {
    auto made = transactor::make(producer_to_, member_.access.where(), transaction_properties(*member_.config.transaction),
                                 member_.watch);
    if (made.has_error()) {
      member_.watch.cannot_go_on(made.error());
      return false;
    }
    transactor_.emplace(std::move(*made));
    expected<void> begun{failure{errc::deadline_exceeded, {}}};
    bool files_changed = false;
    while (member_.running() && !files_changed && begun.has_error() && begun.error().code == errc::deadline_exceeded) {
      begun = transactor_->begin(one_attempt);
      member_.take_orders();
      serve();
      files_changed = member_.access.files_changed();
    }
    if (begun.has_value())
      return true;
    transactor_.reset();
    if (files_changed) {
      if (auto next = member_.access.next())
        member_.client = std::move(next);
    } else if (member_.running()) {
      member_.watch.work_fails(begun.error());
      member_.wait(steady_now() + open_backoff_.next(steady_now()));
    }
  }
  return false;
}

void transactional_settlement::close() {
  transactor_.reset();
  to_regain_.clear();
  regain_at_.reset();
}

void transactional_settlement::serve() {
  rd_kafka_poll(transactor_->client(), 0);
  member_.access.renew_credentials({member_.client.get(), transactor_->client()});
}

void transactional_settlement::publish() {
  for (auto& each : std::exchange(member_.concluded, {}))
    if (auto made = work_.concluded(each.batch, std::move(*each.answer), steady_now(), system_now()))
      settle(*made);
  while (member_.may_go_on()) {
    auto letters = work_.next_burial(steady_now(), system_now());
    if (!letters)
      return;
    settle(*letters);
  }
}

// The deliveries of a transaction that was undone are read again, from the group's committed offsets.
void transactional_settlement::settle(transaction& made) {
  const auto dead_letters = dead_letter_topic(member_.config.topic);
  std::vector<transaction_record> records;
  for (auto& each : made.results)
    records.push_back({member_.config.transaction->topic, std::move(each.content), std::move(each.from)});
  for (const auto& each : made.letters) {
    auto& letter = records.emplace_back(transaction_record{dead_letters, each.content, each.from});
    letter.content.headers = dead_letter_headers(each);
  }
  if (carry_out(records, made.offsets)) {
    for (const auto& each : made.letters)
      member_.metrics.dead_lettered(each.why.code);
    return;
  }
  for (const auto& each : made.offsets) {
    work_.given_up(each.partition, steady_now());
    to_regain_.insert(each.partition);
  }
  regain_at_ = steady_now() + regain_backoff_.next(steady_now());
}

bool transactional_settlement::carry_out(const std::vector<transaction_record>& records,
                                         const std::vector<commit_entry>& entries) {
  using outcome = transaction_failure::outcome;
  const auto offsets = list_of(member_.config.topic, entries);
  const auto failed =
    transactor_->carry_out(records, {offsets.get(), member_.client.get()}, member_.config.transaction->within);
  if (!failed) {
    regain_backoff_.reset();
    member_.watch.work_succeeds();
    work_.committed({}, steady_now());
    return true;
  }
  work_.committed(failed->why, steady_now());
  if (failed->of)
    work_.condemn(*failed->of, failed->why);
  else if (failed->state == outcome::refused)
    member_.watch.work_fails(failed->why);
  if (failed->state == outcome::unknown)
    member_.watch.cannot_go_on({errc::unavailable, "the outcome of a transaction is unknown: " + to_string(failed->why)});
  else
    member_.watch.say(severity::warning,
                      "a transaction was aborted, and its deliveries are handled again: " + to_string(failed->why));
  return false;
}

void transactional_settlement::commit(const std::vector<commit_entry>& entries) {
  carry_out({}, entries);
}

void transactional_settlement::commit_last(const std::vector<commit_entry>& entries) {
  if (!forgotten())
    commit(entries);
}

void transactional_settlement::regain() {
  if (!regain_at_ || steady_now() < *regain_at_ || member_.drain_by)
    return;
  regain_at_.reset();
  for (const auto each : std::exchange(to_regain_, {}))
    if (member_.may_go_on())
      regain(each);
}

void transactional_settlement::regain(std::int32_t partition) {
  const auto list = list_of(member_.config.topic, std::vector{partition});
  if (!member_.read_committed(list.get()))
    return; // the partition is lost, or the member is to end
  const auto from = position_of(list->elems[0]);
  const error_handle failed{rd_kafka_seek_partitions(member_.client.get(), list.get(), seek_ms)};
  if (first_error(failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR, list.get())
      != RD_KAFKA_RESP_ERR_NO_ERROR)
    return member_.watch.cannot_go_on({errc::unavailable, "partition " + std::to_string(partition) + " of "
                                                            + member_.config.topic
                                                            + " could not be read again from the group's committed offset"});
  work_.gained(partition, from);
  rd_kafka_resume_partitions(member_.client.get(), list.get()); // the pause belonged to the earlier assignment
}

} // namespace troupe::kafka
