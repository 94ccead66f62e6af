#include <troupe/bridges/kafka/transactor.hpp>

#include <chrono>
#include <deque>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>

namespace troupe::kafka {

namespace {

constexpr int look_for_refusals_ms = 100;

using group_handle = c_ptr<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;

failure failure_of(const error_handle& failed) {
  const auto code = rd_kafka_error_code(failed.get());
  if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED
      || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    return {errc::conflict, "another producer with the same transactional id has started"};
  return to_failure(failed.get());
}

// Repeats the call while its failure is retriable.
template <class Call>
error_handle with_retries(instant until, Call call) {
  for (;;) {
    error_handle failed{call(milliseconds_until(until))};
    if (!failed || rd_kafka_error_is_retriable(failed.get()) == 0 || steady_now() >= until)
      return failed;
  }
}

} // namespace

// One transaction: its messages, and the first refusal among them. Their reports come while it is committed or aborted.
struct transactor::run {
  duration within;
  instant until;
  std::deque<message_in_flight> messages; ///< whose addresses are the messages' opaques
  std::optional<failure> refused;
  std::optional<origin> of;
};

struct transactor::message_in_flight {
  run* in = nullptr;
  const origin* of = nullptr;

  void refuse(failure why) const {
    if (in->refused)
      return;
    if (why.code == errc::rejected)
      in->of = *of;
    in->refused = std::move(why);
  }
};

expected<transactor> transactor::make(const connection& to, const access& where, const property_list& role,
                                      client_listener& listener) {
  auto conf = make_conf(to, where, role, listener);
  if (conf.has_error())
    return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_report);
  auto made = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (made.has_error())
    return made.error();
  return transactor{std::move(*made)};
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

// Also remembers whether the failure concerns all later transactions.
failure transactor::why_of(const error_handle& failed) {
  const auto code = rd_kafka_error_code(failed.get());
  forgotten_ =
    forgotten_ || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING || code == RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID;
  return failure_of(failed);
}

std::optional<transaction_failure> transactor::carry_out(const std::vector<transaction_record>& records,
                                                         const group_offsets& offsets, duration within) {
  run present{within, steady_now() + within, {}, {}, {}};
  auto failed = attempt(records, offsets, present);
  // A message that still waits holds an address in `present`.
  if (failed && failed->state == transaction_failure::outcome::unknown) {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client_.get(), milliseconds_until(steady_now() + std::chrono::seconds{1}));
  }
  return failed;
}

std::optional<transaction_failure> transactor::attempt(const std::vector<transaction_record>& records,
                                                       const group_offsets& offsets, run& present) {
  auto* const client = client_.get();
  if (const error_handle failed{rd_kafka_begin_transaction(client)})
    return transaction_failure{why_of(failed), transaction_failure::outcome::unknown, std::nullopt};
  for (const auto& each : records) {
    auto& opaque = present.messages.emplace_back(message_in_flight{&present, &each.from});
    outgoing_record record{each.content, outgoing_record::bytes::copied};
    record.to(each.topic).with(&opaque);
    if (each.partition)
      record.in(*each.partition);
    if (const auto failed = record.produce(client, present.until)) {
      opaque.refuse(why_of(failed));
      return undo(why_of(failed), present);
    }
  }
  if (offsets.consumer != nullptr) {
    const group_handle group{rd_kafka_consumer_group_metadata(offsets.consumer)};
    if (const auto failed = with_retries(present.until, [&](int left) {
          return rd_kafka_send_offsets_to_transaction(client, offsets.list, group.get(), left);
        }))
      return undo(why_of(failed), present);
  }
  // The messages behind a refused one are never sent. A commit would wait for them until it times out, and its outcome would
  // be unknown.
  while (!present.refused && rd_kafka_outq_len(client) > 0 && steady_now() < present.until)
    rd_kafka_flush(client, look_for_refusals_ms);
  if (present.refused)
    return undo(*present.refused, present);
  const auto failed = with_retries(present.until, [&](int left) { return rd_kafka_commit_transaction(client, left); });
  if (!failed)
    return std::nullopt;
  if (rd_kafka_error_txn_requires_abort(failed.get()) != 0)
    return undo(why_of(failed), present);
  return transaction_failure{why_of(failed), transaction_failure::outcome::unknown, std::nullopt};
}

std::optional<transaction_failure> transactor::undo(failure why, const run& present) {
  const auto failed = with_retries(steady_now() + present.within,
                                   [this](int left) { return rd_kafka_abort_transaction(client_.get(), left); });
  if (failed)
    return transaction_failure{why_of(failed), transaction_failure::outcome::unknown, std::nullopt};
  if (present.refused)
    return transaction_failure{*present.refused, transaction_failure::outcome::refused, present.of};
  return transaction_failure{std::move(why), transaction_failure::outcome::undone, std::nullopt};
}

void transactor::on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* /*opaque*/) noexcept {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE
      && message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    static_cast<const message_in_flight*>(message->_private)->refuse(to_failure(message->err));
}

} // namespace troupe::kafka
