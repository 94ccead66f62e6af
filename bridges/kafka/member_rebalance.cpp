#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/member.hpp>

// What a member does when partitions come and go. It is called within the client's own poll, which waits for it, while a
// thread of the client's keeps the membership alive.

namespace troupe::kafka {

namespace {

constexpr int positions_timeout_ms = 2000;
constexpr auto longest_take_over = std::chrono::seconds{60};
constexpr int last_commit_ms = 5000;

void note_outcome(rd_kafka_t* /*client*/, rd_kafka_resp_err_t outcome, rd_kafka_topic_partition_list_t* offsets,
                  void* opaque) noexcept {
  for (int i = 0; outcome == RD_KAFKA_RESP_ERR_NO_ERROR && offsets != nullptr && i < offsets->cnt; ++i)
    outcome = offsets->elems[i].err;
  *static_cast<rd_kafka_resp_err_t*>(opaque) = outcome;
}

} // namespace

void member::on_rebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                          void* opaque) noexcept {
  auto& self = static_cast<member&>(*static_cast<client_listener*>(opaque));
  self.assigned_ = true;
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    self.assign(partitions);
  else
    self.revoke(partitions);
  self.settle_assignment(what, partitions);
}

void member::assign(rd_kafka_topic_partition_list_t* partitions) {
  if (partitions->cnt == 0 || how_ == farewell::orderly || drain_by_ || !read_positions(partitions))
    return;
  int new_ones = 0;
  for (int i = 0; i < partitions->cnt; ++i) {
    new_ones += partitions->elems[i].offset < 0 ? 1 : 0;
    take_over(partitions->elems[i]);
  }
  // The client would go on with the pause of an earlier assignment.
  const partitions_handle all{rd_kafka_topic_partition_list_copy(partitions)};
  rd_kafka_resume_partitions(client_.get(), all.get());
  metrics_.assigned.add(partitions->cnt);
  work_succeeds();
  auto words = "gained " + std::to_string(partitions->cnt) + " partitions of " + config_.topic;
  // It was never there, or the brokers have forgotten where it was (offsets.retention.minutes).
  if (new_ones > 0)
    words.append("; in " + std::to_string(new_ones) + " of them group " + config_.group
                 + " has no committed offset, and begins "
                 + (config_.from == beginning::earliest ? "with the first message" : "with the next message"));
  say(severity::info, words);
}

// The client would begin at the committed offsets by itself, but it would not tell what is noted beside them.
bool member::read_positions(rd_kafka_topic_partition_list_t* partitions) {
  policies::backoff pause{policies::reconnect_backoff};
  const auto until = steady_now() + longest_take_over;
  while (may_go_on() && !drain_by_ && steady_now() < until && rd_kafka_assignment_lost(client_.get()) == 0) {
    auto code = rd_kafka_committed(client_.get(), partitions, positions_timeout_ms);
    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < partitions->cnt; ++i)
      code = partitions->elems[i].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return true;
    link_fails(to_failure(code, "while reading committed offsets"));
    link_->bell.wait(steady_now() + pause.next(steady_now()));
    take_orders();
  }
  if (may_go_on() && !drain_by_ && steady_now() >= until)
    cannot_go_on({errc::unavailable, "the group's committed offsets could not be read"});
  return false;
}

position member::position_of(const rd_kafka_topic_partition_t& partition) {
  position from;
  if (partition.offset < 0)
    return from;
  from.committed = partition.offset;
  const std::string_view text{static_cast<const char*>(partition.metadata), partition.metadata_size};
  if (auto note = decode_note(text, partition.offset); note.has_value())
    from.note = std::move(*note);
  return from;
}

void member::take_over(rd_kafka_topic_partition_t& partition) {
  work_.gained(partition.partition, position_of(partition));
  const queue_handle own{rd_kafka_queue_get_partition(client_.get(), partition.topic, partition.partition)};
  if (own)
    rd_kafka_queue_forward(own.get(), messages_.get());
}

void member::revoke(rd_kafka_topic_partition_list_t* partitions) {
  const bool lost = rd_kafka_assignment_lost(client_.get()) != 0;
  if (!lost && may_go_on() && how_ == farewell::abrupt) {
    for (int i = 0; i < partitions->cnt; ++i)
      work_.leaves(partitions->elems[i].partition, steady_now());
    finish(steady_now() + config_.drain_on_revoke);
    commit_last();
  }
  for (int i = 0; i < partitions->cnt; ++i) {
    work_.given_up(partitions->elems[i].partition, steady_now());
    metrics_.lag(partitions->elems[i].partition).set(0);
    to_regain_.erase(partitions->elems[i].partition);
  }
  (lost ? metrics_.lost : metrics_.revoked).add(partitions->cnt);
  if (partitions->cnt > 0 && may_go_on())
    say(lost ? severity::warning : severity::info,
        (lost ? "lost " : "gave up ") + std::to_string(partitions->cnt) + " partitions of " + config_.topic);
}

// Waits for what is in flight of the partitions that go.
void member::finish(instant by) {
  take_orders();
  publish_letters();
  while (may_go_on() && !work_.settled_down() && steady_now() < by) {
    link_->bell.wait(by);
    take_orders();
    publish_letters();
  }
}

void member::commit_last() {
  const auto entries = work_.last_commit();
  if (entries.empty() || (transactor_ && transactor_->forgotten()))
    return;
  if (transactor_) {
    carry_out({{}, {}, entries});
    return;
  }
  const queue_handle answers{rd_kafka_queue_new(client_.get())};
  auto outcome = RD_KAFKA_RESP_ERR__TIMED_OUT; // written while that queue is polled, and never later
  const auto code = rd_kafka_commit_queue(client_.get(), list_of(entries).get(), answers.get(), note_outcome, &outcome);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_queue_poll_callback(answers.get(), last_commit_ms);
  const auto told = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : outcome;
  if (told == RD_KAFKA_RESP_ERR_NO_ERROR) {
    metrics_.commits.add();
    return;
  }
  metrics_.failed_commits.add();
  say(severity::warning, "what was done last will be done again: " + to_failure(told, "while committing").reason);
}

void member::settle_assignment(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  const bool step_by_step = std::strcmp(rd_kafka_rebalance_protocol(client_.get()), "COOPERATIVE") == 0;
  const bool gained = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (step_by_step) {
    const error_handle failed{gained ? rd_kafka_incremental_assign(client_.get(), partitions)
                                     : rd_kafka_incremental_unassign(client_.get(), partitions)};
    if (failed)
      work_fails(to_failure(failed.get()));
  } else if (const auto code = rd_kafka_assign(client_.get(), gained ? partitions : nullptr);
             code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    work_fails(to_failure(code));
  }
}

partitions_handle member::list_of(const std::vector<std::int32_t>& partitions) const {
  partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto each : partitions)
    rd_kafka_topic_partition_list_add(list.get(), config_.topic.c_str(), each);
  return list;
}

partitions_handle member::list_of(const std::vector<commit_entry>& entries) const {
  partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(entries.size()))};
  for (const auto& each : entries) {
    auto* const one = rd_kafka_topic_partition_list_add(list.get(), config_.topic.c_str(), each.partition);
    one->offset = each.offset;
    const auto note = encode(each.note, each.offset);
    if (note.empty())
      continue;
    one->metadata = std::malloc(note.size()); // the list frees it
    std::memcpy(one->metadata, note.data(), note.size());
    one->metadata_size = note.size();
  }
  return list;
}

} // namespace troupe::kafka
