#include <troupe/bridges/kafka/member.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>

// How a member reads: events of its client, records, and what keeps them coming.

namespace troupe::kafka {

namespace {

constexpr std::size_t records_at_once = 500;
constexpr int events_at_once = 100;
constexpr std::int64_t much_taken = 10'000;
constexpr std::size_t little_left = 5000; // here
constexpr std::int64_t much_left = 5000;  // at a broker
constexpr std::size_t asked_at_once = 4;
constexpr int wake_ms = 100;
constexpr int lead_back_ms = 1000; // for each of two requests

} // namespace

bool member::poll_events() {
  int served = 0;
  while (served < events_at_once) {
    const message_handle found{rd_kafka_consumer_poll(client_.get(), 0)};
    if (!found)
      break;
    ++served;
    if (found->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(*found, steady_now()); // fetched before its partition's queue was led elsewhere
    else
      refused(*found);
  }
  return served > 0;
}

bool member::poll_messages() {
  if (!work_.wants_more())
    return false;
  const auto at = steady_now();
  std::array<rd_kafka_message_t*, records_at_once> found{};
  const auto count = rd_kafka_consume_batch_queue(messages_.get(), 0, found.data(), found.size());
  for (ssize_t i = 0; i < count; ++i) {
    const message_handle each{found[static_cast<std::size_t>(i)]};
    if (each->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(*each, at);
    else
      refused(*each);
  }
  taken_ += std::max<ssize_t>(0, count);
  if (taken_ >= much_taken && rd_kafka_queue_length(messages_.get()) < little_left)
    wake_fetchers();
  return count > 0;
}

// librdkafka stops fetching when it holds as much as it may, and looks only once a second whether it does no more. Any
// request to a broker wakes what fetches from there. Where there is nothing to fetch it would wait behind a fetch that
// waits.
void member::wake_fetchers() {
  taken_ = 0;
  const auto owned = work_.owned();
  std::size_t woken = 0;
  for (std::size_t i = 0; i < owned.size() && woken < asked_at_once; ++i) {
    const auto partition = owned[turn_++ % owned.size()];
    std::int64_t low = 0;
    std::int64_t high = 0; // as the latest fetch told
    if (rd_kafka_get_watermark_offsets(client_.get(), config_.topic.c_str(), partition, &low, &high)
          != RD_KAFKA_RESP_ERR_NO_ERROR
        || high - work_.read_end(partition) < much_left)
      continue;
    static_cast<void>(
      rd_kafka_query_watermark_offsets(client_.get(), config_.topic.c_str(), partition, &low, &high, wake_ms));
    ++woken;
  }
}

// What brokers remove by age or size before it was read is lost, and nobody else tells.
void member::look_for_removed(std::int32_t partition, std::int64_t offset) {
  std::int64_t low = 0; // as the latest fetch told
  std::int64_t high = 0;
  if (!work_.leaves_out(partition, offset)
      || rd_kafka_get_watermark_offsets(client_.get(), config_.topic.c_str(), partition, &low, &high)
           != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const auto gone = work_.removed_unread(partition, offset, low);
  if (!gone)
    return;
  metrics_.removed_unread.add(static_cast<double>(gone->end - gone->from));
  say(severity::warning, "offsets " + std::to_string(gone->from) + " to " + std::to_string(gone->end - 1) + " of partition "
                           + std::to_string(partition) + " of " + config_.topic + " were removed before group "
                           + config_.group
                           + " had read them: raise retention.ms or retention.bytes of the topic, or consume faster");
}

void member::take(const rd_kafka_message_t& record, instant at) {
  work_succeeds();
  look_for_removed(record.partition, record.offset);
  auto content = decode(config_.topic, view_of(record));
  const bool anew = config_.retries_of ? take_retry(record.partition, record.offset, std::move(content), at)
                                       : work_.fetched(record.partition, record.offset, std::move(content), at);
  if (anew)
    say(severity::warning, "partition " + std::to_string(record.partition) + " of " + config_.topic
                             + " has begun anew, and is read from its beginning");
}

// What somebody else put among the retries is a delivery like any other.
bool member::take_retry(std::int32_t partition, std::int64_t offset, message content, instant at) {
  auto found = retry_from_headers(content);
  if (!found) {
    say(severity::debug, content.id + " is no retry, and is handled as if it were new: " + found.error().reason);
    return work_.fetched(partition, offset, std::move(content), at);
  }
  if (found->group != config_.group)
    return work_.passed(partition, offset, content, at);
  // Whoever wrote it may have another clock.
  const auto civil_now = system_now();
  const auto& delays = config_.redelivery.delays;
  const auto longest = delays.empty() ? duration::zero() : *std::max_element(delays.begin(), delays.end());
  const auto due = at + (std::clamp(found->due, civil_now, civil_now + longest) - civil_now);
  auto original = std::exchange(found->what.content, {});
  return work_.fetched(partition, offset, std::move(original), at, waiting_retry{std::move(*found), due});
}

void member::refused(const rd_kafka_message_t& what) {
  const auto* const words = rd_kafka_message_errstr(&what);
  if (what.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    look_for_removed(what.partition, what.offset);
    work_.end_reached(what.partition, what.offset, steady_now());
    return work_succeeds(); // it may be read, and there is nothing new
  }
  if (what.err == RD_KAFKA_RESP_ERR__FATAL)
    return error(what.err, words);
  const auto why = to_failure(what.err, words);
  work_fails(why);
  if (why.code == errc::forbidden && what.rkt != nullptr && what.partition >= 0 && !work_.paused(what.partition))
    tell_end_again(what.partition);
}

// The client tells the end of a partition once, and so would not tell that a quiet one may be read again. Who resumes begins
// anew, where it was.
void member::tell_end_again(std::int32_t partition) {
  const auto list = list_of(std::vector{partition});
  rd_kafka_pause_partitions(client_.get(), list.get());
  rd_kafka_resume_partitions(client_.get(), list.get());
}

void member::statistics(std::string_view json) noexcept {
  const auto told = read_statistics(json);
  for (const auto& each : told.logs)
    if (each.topic == config_.topic)
      work_.log_ends(each.partition, each.stable, each.end, steady_now());
  std::size_t asked = 0;
  const auto owned = work_.owned();
  for (std::size_t i = 0; i < owned.size(); ++i) {
    const auto partition = owned[turn_++ % owned.size()];
    std::int64_t low = 0;
    std::int64_t high = 0;
    // What is fetched tells the end of the log along; of what is not, a few are asked for at a time.
    const bool known = work_.wants_more() && !work_.paused(partition);
    if (!known && ++asked > asked_at_once)
      continue;
    const auto code =
      known ? rd_kafka_get_watermark_offsets(client_.get(), config_.topic.c_str(), partition, &low, &high)
            : rd_kafka_query_watermark_offsets(client_.get(), config_.topic.c_str(), partition, &low, &high, wake_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0)
      continue;
    if (const auto lag = work_.lag(partition, high))
      metrics_.lag(partition).set(static_cast<double>(*lag));
  }
  turn_ += asked_at_once; // others are asked the next time
}

void member::pause_and_resume() {
  const auto changes = work_.next_flow();
  if (!changes.pause.empty())
    rd_kafka_pause_partitions(client_.get(), list_of(changes.pause).get());
  if (!changes.resume.empty())
    rd_kafka_resume_partitions(client_.get(), list_of(changes.resume).get());
}

// The newest leaders are asked for first: of any broker, so that one that knows better is found sooner or later.
void member::lead_back() {
  const auto places = work_.next_returns(steady_now());
  if (places.empty())
    return;
  const struct rd_kafka_metadata* leaders = nullptr;
  if (rd_kafka_metadata(client_.get(), 0, nullptr, &leaders, lead_back_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(leaders);
  const partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(places.size()))};
  for (const auto& each : places) {
    auto* const one = rd_kafka_topic_partition_list_add(list.get(), config_.topic.c_str(), each.partition);
    one->offset = each.offset.value_or(RD_KAFKA_OFFSET_BEGINNING);
    if (each.offset)
      say(severity::warning, "a broker does not know offset " + std::to_string(*each.offset) + " of partition "
                               + std::to_string(each.partition) + " of " + config_.topic + "; it is asked for again");
  }
  const error_handle failed{rd_kafka_seek_partitions(client_.get(), list.get(), lead_back_ms)};
  for (std::size_t i = 0; i < places.size(); ++i)
    if (!places[i].offset && (failed || list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR))
      return cannot_go_on({errc::unavailable, "the beginning of a partition of " + config_.topic + " could not be found"});
  if (failed)
    link_fails(to_failure(failed.get()));
}

} // namespace troupe::kafka
