#include <troupe/bridges/kafka/group_assignment.hpp>

#include <cstring>
#include <string>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

void group_assignment::rebalance(rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions) {
  assigned_ = true;
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    assign(partitions);
  else
    revoke(partitions);
  confirm(event, partitions);
}

void group_assignment::leave() {
  commit_last();
  left_ = true;
}

void group_assignment::assign(rd_kafka_topic_partition_list_t* partitions) {
  if (partitions->cnt == 0 || left_ || member_.drain_by || !member_.read_committed(partitions))
    return;
  int without_offset = 0;
  for (int i = 0; i < partitions->cnt; ++i) {
    without_offset += partitions->elems[i].offset < 0 ? 1 : 0;
    take_over(partitions->elems[i]);
  }
  // The client would keep the pause of an earlier assignment.
  const partitions_handle all{rd_kafka_topic_partition_list_copy(partitions)};
  rd_kafka_resume_partitions(member_.client.get(), all.get());
  member_.metrics.assigned.add(partitions->cnt);
  member_.watch.work_succeeds();
  const auto& config = member_.config;
  auto text = "gained " + std::to_string(partitions->cnt) + " partitions of " + config.topic;
  // The group is new, or the brokers have forgotten its offsets (offsets.retention.minutes).
  if (without_offset > 0)
    text.append("; in " + std::to_string(without_offset) + " of them group " + config.group
                + " has no committed offset, and begins "
                + (config.from == beginning::earliest ? "with the first message" : "with the next message"));
  member_.watch.say(severity::info, text);
}

void group_assignment::take_over(rd_kafka_topic_partition_t& partition) {
  member_.work->gained(partition.partition, position_of(partition));
  const queue_handle own{rd_kafka_queue_get_partition(member_.client.get(), partition.topic, partition.partition)};
  if (own)
    rd_kafka_queue_forward(own.get(), member_.messages.get());
}

void group_assignment::revoke(rd_kafka_topic_partition_list_t* partitions) {
  const bool lost = rd_kafka_assignment_lost(member_.client.get()) != 0;
  if (!lost && member_.may_go_on() && !left_) {
    for (int i = 0; i < partitions->cnt; ++i)
      member_.work->leaves(partitions->elems[i].partition, steady_now());
    drain(steady_now() + member_.config.drain_on_revoke);
    commit_last();
  }
  for (int i = 0; i < partitions->cnt; ++i) {
    const auto partition = partitions->elems[i].partition;
    member_.work->given_up(partition, steady_now());
    member_.metrics.lag(partition).set(0);
    settlement_.given_up(partition);
  }
  (lost ? member_.metrics.lost : member_.metrics.revoked).add(partitions->cnt);
  if (partitions->cnt > 0 && member_.may_go_on())
    member_.watch.say(lost ? severity::warning : severity::info, (lost ? "lost " : "gave up ")
                                                                   + std::to_string(partitions->cnt) + " partitions of "
                                                                   + member_.config.topic);
}

void group_assignment::drain(instant until) {
  go_on();
  while (member_.may_go_on() && !member_.work->settled_down() && steady_now() < until) {
    member_.link->bell.wait(until);
    go_on();
  }
}

void group_assignment::go_on() {
  member_.take_orders();
  settlement_.publish();
  // A transaction has one batch, behind which nothing is settled.
  while (!member_.config.transaction) {
    auto out = member_.work->next_hand_out(steady_now());
    if (!out)
      break;
    member_.link->report(std::move(*out));
  }
}

void group_assignment::commit_last() {
  if (const auto entries = member_.work->last_commit(); !entries.empty())
    settlement_.commit_last(entries);
}

void group_assignment::confirm(rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions) {
  auto* const client = member_.client.get();
  const bool gained = event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (std::strcmp(rd_kafka_rebalance_protocol(client), "COOPERATIVE") == 0) {
    const error_handle failed{gained ? rd_kafka_incremental_assign(client, partitions)
                                     : rd_kafka_incremental_unassign(client, partitions)};
    if (failed)
      member_.watch.work_fails(to_failure(failed.get()));
  } else if (const auto code = rd_kafka_assign(client, gained ? partitions : nullptr); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    member_.watch.work_fails(to_failure(code));
  }
}

} // namespace troupe::kafka
