#include <troupe/bridges/kafka/transactor.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>
#include <troupe/bridges/kafka/waiting.hpp>

namespace troupe::kafka {

namespace {

constexpr int look_for_refusals_ms = 100;

using group_handle =
  std::unique_ptr<rd_kafka_consumer_group_metadata_t, c_deleter<rd_kafka_consumer_group_metadata_destroy>>;

failure failure_of(const error_handle& what) {
  auto why = to_failure(what.get());
  const auto code = rd_kafka_error_code(what.get());
  if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED)
    why = {errc::conflict, "another member with the same transaction id has begun meanwhile"};
  return why;
}

// Asks again as long as that may help.
template <class Call>
error_handle insistently(instant until, Call call) {
  for (;;) {
    error_handle failed{call(milliseconds_until(until))};
    if (!failed || rd_kafka_error_is_retriable(failed.get()) == 0 || steady_now() >= until)
      return failed;
  }
}

} // namespace

// What is known of one transaction's messages. Their reports come while it is committed or undone.
struct transactor::run {
  std::deque<note> notes; ///< whose addresses go with the messages
  std::optional<failure> refused;
  std::optional<origin> of;
};

struct transactor::note {
  run* in = nullptr;
  const origin* of = nullptr;

  void tell(failure why) const {
    if (in->refused)
      return;
    if (why.code == errc::rejected)
      in->of = *of;
    in->refused = std::move(why);
  }
};

transactor::transactor(client_handle made, const subscription& config)
  : client_(std::move(made)),
    results_(config.transaction->topic),
    letters_(dead_letter_topic(config.topic)),
    within_(config.transaction->within) {}

expected<transactor> transactor::make(const connection& to, const access& where, const subscription& config,
                                      client_listener& listener) {
  auto conf = make_conf(to, where, transaction_properties(*config.transaction), listener);
  if (conf.has_error())
    return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_report);
  auto made = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (made.has_error())
    return made.error();
  return transactor{std::move(*made), config};
}

expected<void> transactor::begin(duration within) {
  const error_handle failed{rd_kafka_init_transactions(client_.get(), milliseconds_until(steady_now() + within))};
  if (!failed)
    return {};
  auto why = failure_of(failed);
  if (rd_kafka_error_is_retriable(failed.get()) != 0)
    why.code = errc::deadline_exceeded;
  else if (why.code == errc::deadline_exceeded)
    why.code = errc::unavailable;
  return why;
}

// What the failure means for later transactions is noted too.
failure transactor::why_of(const error_handle& what) {
  const auto code = rd_kafka_error_code(what.get());
  forgotten_ =
    forgotten_ || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING || code == RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID;
  return failure_of(what);
}

std::optional<transaction_failure>
transactor::carry_out(const transaction& what, const rd_kafka_topic_partition_list_t& offsets, rd_kafka_t* consumer) {
  run here;
  auto outcome = try_out(what, offsets, consumer, here);
  // A message that waits still holds the address of its note.
  if (outcome && outcome->what == transaction_failure::state::unknown) {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client_.get(), milliseconds_until(steady_now() + std::chrono::seconds{1}));
  }
  return outcome;
}

std::optional<transaction_failure> transactor::try_out(const transaction& what,
                                                       const rd_kafka_topic_partition_list_t& offsets, rd_kafka_t* consumer,
                                                       run& here) {
  const auto until = steady_now() + within_;
  if (const error_handle failed{rd_kafka_begin_transaction(client_.get())})
    return transaction_failure{why_of(failed), transaction_failure::state::unknown, std::nullopt};
  for (const auto& each : what.results)
    if (auto done = produce(results_, each.content, here.notes.emplace_back(note{&here, &each.from}), until);
        done.has_error())
      return undo(done.error(), here);
  for (const auto& each : what.letters) {
    auto letter = each.content;
    letter.headers = dead_letter_headers(each);
    if (auto done = produce(letters_, letter, here.notes.emplace_back(note{&here, &each.from}), until); done.has_error())
      return undo(done.error(), here);
  }
  const group_handle group{rd_kafka_consumer_group_metadata(consumer)};
  if (const auto failed = insistently(until, [&](int within) {
        return rd_kafka_send_offsets_to_transaction(client_.get(), &offsets, group.get(), within);
      }))
    return undo(why_of(failed), here);
  await_reports(here, until);
  if (here.refused)
    return undo(*here.refused, here);
  const auto failed = insistently(until, [&](int within) { return rd_kafka_commit_transaction(client_.get(), within); });
  if (!failed)
    return std::nullopt;
  if (rd_kafka_error_txn_requires_abort(failed.get()) != 0)
    return undo(why_of(failed), here);
  return transaction_failure{why_of(failed), transaction_failure::state::unknown, std::nullopt};
}

// Behind a message that is refused stand others that are never sent. A commit would wait for them until its time is over,
// and nobody would know what became of it.
void transactor::await_reports(const run& here, instant until) {
  while (!here.refused && rd_kafka_outq_len(client_.get()) > 0 && steady_now() < until)
    rd_kafka_flush(client_.get(), look_for_refusals_ms);
}

std::optional<transaction_failure> transactor::undo(failure why, const run& here) {
  const auto failed =
    insistently(steady_now() + within_, [this](int within) { return rd_kafka_abort_transaction(client_.get(), within); });
  if (failed)
    return transaction_failure{why_of(failed), transaction_failure::state::unknown, std::nullopt};
  if (here.refused)
    return transaction_failure{*here.refused, transaction_failure::state::refused, here.of};
  return transaction_failure{std::move(why), transaction_failure::state::undone, std::nullopt};
}

expected<void> transactor::produce(const std::string& to, const message& what, note& as, instant until) {
  outgoing_record record{what, outgoing_record::bytes::copied};
  record.to(to).with(&as);
  for (;;) {
    const auto failed = record.produce(client_.get());
    if (!failed)
      return {};
    if (rd_kafka_error_code(failed.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL && steady_now() < until) {
      rd_kafka_poll(client_.get(), queue_pause_ms);
      continue;
    }
    as.tell(why_of(failed));
    return why_of(failed);
  }
}

void transactor::on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*opaque*/) noexcept {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE
      && message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    static_cast<const note*>(message->_private)->tell(to_failure(message->err));
}

} // namespace troupe::kafka
