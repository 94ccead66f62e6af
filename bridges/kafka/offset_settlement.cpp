#include <troupe/bridges/kafka/offset_settlement.hpp>

#include <optional>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

namespace {

constexpr int last_commit_ms = 5000;

void store_outcome(rd_kafka_t* /*client*/, rd_kafka_resp_err_t outcome, rd_kafka_topic_partition_list_t* offsets,
                   void* opaque) noexcept {
  *static_cast<rd_kafka_resp_err_t*>(opaque) = first_error(outcome, offsets);
}

} // namespace

void offset_settlement::publish() {
  const auto now = steady_now();
  for (auto& each : member_.work->next_letters(now, system_now()))
    member_.link->report(std::move(each));
  for (auto& each : member_.work->next_retries(now, system_now())) {
    auto content = each.record.letter.content;
    content.headers = retry_headers(each.record);
    member_.link->report(inbound::retry_order{each.ticket, std::move(content), std::nullopt});
  }
}

void offset_settlement::commit(const std::vector<commit_entry>& entries) {
  const auto list = list_of(member_.config.topic, entries);
  const auto code = rd_kafka_commit_queue(member_.client.get(), list.get(), member_.events.get(), on_commit, this);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    member_.work->committed(to_failure(code), steady_now());
}

void offset_settlement::on_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t outcome,
                                  rd_kafka_topic_partition_list_t* offsets, void* opaque) noexcept {
  auto& state = static_cast<offset_settlement*>(opaque)->member_;
  const auto code = first_error(outcome, offsets);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return state.work->committed({}, steady_now());
  const auto why = to_failure(code, "while committing");
  if (why.code == errc::forbidden)
    state.watch.work_fails(why);
  state.work->committed(why, steady_now());
}

void offset_settlement::commit_last(const std::vector<commit_entry>& entries) {
  const queue_handle answers{rd_kafka_queue_new(member_.client.get())};
  auto outcome = RD_KAFKA_RESP_ERR__TIMED_OUT; // written while that queue is polled, and never later
  const auto list = list_of(member_.config.topic, entries);
  auto code = rd_kafka_commit_queue(member_.client.get(), list.get(), answers.get(), store_outcome, &outcome);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_queue_poll_callback(answers.get(), last_commit_ms);
    code = outcome;
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return member_.metrics.commits.add();
  member_.metrics.failed_commits.add();
  member_.watch.say(severity::warning, "the last commit failed, and the deliveries that were settled since the previous one "
                                       "will be handled again: "
                                         + to_failure(code, "while committing").reason);
}

} // namespace troupe::kafka
