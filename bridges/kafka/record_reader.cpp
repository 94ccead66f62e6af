#include <troupe/bridges/kafka/record_reader.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>
#include <troupe/bridges/kafka/topic_partitions.hpp>

namespace troupe::kafka {

namespace {

constexpr std::size_t records_at_once = 500;
constexpr int events_at_once = 100;
constexpr std::int64_t much_taken = 10'000;
constexpr std::size_t little_left = 5000; // in the client
constexpr std::int64_t much_left = 5000;  // at a broker
constexpr std::size_t asked_at_once = 4;
constexpr int ask_ms = 100;
constexpr int seek_back_ms = 1000; // for each of two requests

struct log_range {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

// As the client's latest fetch has shown.
std::optional<log_range> fetched_range(const member_state& member, std::int32_t partition) {
  log_range found;
  const auto code =
    rd_kafka_get_watermark_offsets(member.client.get(), member.config.topic.c_str(), partition, &found.low, &found.high);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? std::optional{found} : std::nullopt;
}

// The end of the log, which the partition's leader is asked for. Before librdkafka 2.3 (its issue 2588),
// rd_kafka_query_watermark_offsets waits without end for a leader that is away, whatever its timeout.
std::optional<std::int64_t> queried_end(const member_state& member, std::int32_t partition) {
  const auto list = list_of(member.config.topic, std::vector{partition});
  list->elems[0].offset = RD_KAFKA_OFFSET_END; // as a timestamp: the latest (ListOffsets)
  const auto code = first_error(rd_kafka_offsets_for_times(member.client.get(), list.get(), ask_ms), list.get());
  const auto end = list->elems[0].offset;
  return code == RD_KAFKA_RESP_ERR_NO_ERROR && end >= 0 ? std::optional{end} : std::nullopt;
}

} // namespace

bool record_reader::poll_events() {
  int served = 0;
  while (served < events_at_once) {
    const message_handle found{rd_kafka_consumer_poll(member_.client.get(), 0)};
    if (!found)
      break;
    ++served;
    if (found->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(*found, steady_now()); // fetched before its partition's queue was forwarded
    else
      take_error(*found);
  }
  return served > 0;
}

bool record_reader::poll_messages() {
  if (!member_.work->wants_more())
    return false;
  const auto now = steady_now();
  std::array<rd_kafka_message_t*, records_at_once> found{};
  const auto count = rd_kafka_consume_batch_queue(member_.messages.get(), 0, found.data(), found.size());
  for (ssize_t i = 0; i < count; ++i) {
    const message_handle each{found[static_cast<std::size_t>(i)]};
    if (each->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(*each, now);
    else
      take_error(*each);
  }
  taken_ += std::max<ssize_t>(0, count);
  if (taken_ >= much_taken && rd_kafka_queue_length(member_.messages.get()) < little_left)
    wake_fetchers();
  return count > 0;
}

// librdkafka stops fetching when its queues are full, and checks only once a second whether they still are. Any request to
// a broker wakes the fetcher of that broker. Where there is nothing to fetch, the request would wait behind a fetch that
// waits.
void record_reader::wake_fetchers() {
  taken_ = 0;
  const auto owned = member_.work->owned();
  std::size_t woken = 0;
  for (std::size_t i = 0; i < owned.size() && woken < asked_at_once; ++i) {
    const auto partition = owned[turn_++ % owned.size()];
    const auto known = fetched_range(member_, partition);
    if (!known || known->high - member_.work->at(partition)->read_end() < much_left)
      continue;
    static_cast<void>(queried_end(member_, partition));
    ++woken;
  }
}

// Messages that the brokers remove by age or size before they are read are lost, and nothing else reports it.
void record_reader::look_for_removed(std::int32_t partition, std::int64_t offset) {
  auto* const of = member_.work->reading(partition);
  if (of == nullptr || !of->leaves_out(offset))
    return;
  const auto known = fetched_range(member_, partition);
  const auto gone = known ? of->removed_unread(offset, known->low) : std::nullopt;
  if (!gone)
    return;
  member_.metrics.removed_unread.add(static_cast<double>(gone->end - gone->from));
  member_.watch.say(severity::warning, "offsets " + std::to_string(gone->from) + " to " + std::to_string(gone->end - 1)
                                         + " of partition " + std::to_string(partition) + " of " + member_.config.topic
                                         + " were removed before group " + member_.config.group
                                         + " had read them: raise retention.ms or retention.bytes of the topic, or consume"
                                           " faster");
}

void record_reader::take(const rd_kafka_message_t& record, instant now) {
  member_.watch.work_succeeds();
  look_for_removed(record.partition, record.offset);
  const auto& config = member_.config;
  auto content = decode(config.topic, view_of(record));
  const bool begun_anew = config.retries_of
                            ? take_retry(record.partition, record.offset, std::move(content), now)
                            : member_.work->fetched(record.partition, record.offset, std::move(content), now);
  if (begun_anew)
    member_.watch.say(severity::warning, "the log of partition " + std::to_string(record.partition) + " of " + config.topic
                                           + " has begun anew, and is read from its beginning");
}

// A record that is not a retry is handled as any other message.
bool record_reader::take_retry(std::int32_t partition, std::int64_t offset, message content, instant now) {
  auto found = retry_from_headers(content);
  if (!found) {
    member_.watch.say(severity::debug,
                      content.id + " is not a retry, and is handled as a new message: " + found.error().reason);
    return member_.work->fetched(partition, offset, std::move(content), now);
  }
  if (found->group != member_.config.group)
    return member_.work->passed(partition, offset, content, now);
  // The clock of the process that wrote the record may differ.
  const auto civil_now = system_now();
  const auto& delays = member_.config.redelivery.delays;
  const auto longest = delays.empty() ? duration::zero() : *std::max_element(delays.begin(), delays.end());
  const auto due = now + (std::clamp(found->due, civil_now, civil_now + longest) - civil_now);
  auto original = std::exchange(found->letter.content, {});
  return member_.work->fetched(partition, offset, std::move(original), now, waiting_retry{std::move(*found), due});
}

void record_reader::take_error(const rd_kafka_message_t& event) {
  const auto* const text = rd_kafka_message_errstr(&event);
  if (event.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    look_for_removed(event.partition, event.offset);
    member_.work->end_reached(event.partition, event.offset, steady_now());
    return member_.watch.work_succeeds(); // the partition may be read, and there is nothing new
  }
  if (event.err == RD_KAFKA_RESP_ERR__FATAL)
    return member_.watch.error(event.err, text);
  const auto why = to_failure(event.err, text);
  member_.watch.work_fails(why);
  if (why.code != errc::forbidden || event.rkt == nullptr || event.partition < 0)
    return;
  if (const auto* of = member_.work->at(event.partition); of == nullptr || !of->paused)
    repeat_end(event.partition);
}

// The client reports the end of a partition once, and so would not show that a quiet one may be read again. Resuming makes
// it fetch from the same offset, and report the end again.
void record_reader::repeat_end(std::int32_t partition) {
  const auto list = list_of(member_.config.topic, std::vector{partition});
  rd_kafka_pause_partitions(member_.client.get(), list.get());
  rd_kafka_resume_partitions(member_.client.get(), list.get());
}

void record_reader::take(const client_statistics& found) {
  for (const auto& each : found.logs)
    if (each.topic == member_.config.topic)
      member_.work->log_ends(each.partition, each.stable, each.end, steady_now());
  std::size_t asked = 0;
  const auto owned = member_.work->owned();
  for (std::size_t i = 0; i < owned.size(); ++i) {
    const auto partition = owned[turn_++ % owned.size()];
    const auto& of = *member_.work->at(partition);
    // A fetch brings the end of the log. Of the partitions that are not fetched, a few are asked for at a time.
    const bool fetching = member_.work->wants_more() && !of.paused;
    if (!fetching && ++asked > asked_at_once)
      continue;
    const auto known = fetching ? fetched_range(member_, partition) : std::nullopt;
    const auto end = fetching ? (known ? std::optional{known->high} : std::nullopt) : queried_end(member_, partition);
    if (!end || *end < 0)
      continue;
    if (const auto lag = of.lag(*end))
      member_.metrics.lag(partition).set(static_cast<double>(*lag));
  }
  turn_ += asked_at_once; // other partitions are asked for the next time
}

void record_reader::pause_and_resume() {
  const auto changes = member_.work->next_flow();
  if (!changes.pause.empty())
    rd_kafka_pause_partitions(member_.client.get(), list_of(member_.config.topic, changes.pause).get());
  if (!changes.resume.empty())
    rd_kafka_resume_partitions(member_.client.get(), list_of(member_.config.topic, changes.resume).get());
}

// The newest leaders are asked for first: of any broker, so that one that knows them is found sooner or later.
void record_reader::seek_back() {
  const auto seeks = member_.work->next_seeks(steady_now());
  if (seeks.empty())
    return;
  const auto& topic = member_.config.topic;
  const struct rd_kafka_metadata* leaders = nullptr;
  if (rd_kafka_metadata(member_.client.get(), 0, nullptr, &leaders, seek_back_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(leaders);
  const partitions_handle list{rd_kafka_topic_partition_list_new(static_cast<int>(seeks.size()))};
  for (const auto& each : seeks) {
    auto* const one = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), each.partition);
    one->offset = each.offset.value_or(RD_KAFKA_OFFSET_BEGINNING);
    if (each.offset)
      member_.watch.say(severity::warning, "a broker does not know offset " + std::to_string(*each.offset) + " of partition "
                                             + std::to_string(each.partition) + " of " + topic + "; it is asked for again");
  }
  const error_handle failed{rd_kafka_seek_partitions(member_.client.get(), list.get(), seek_back_ms)};
  for (std::size_t i = 0; i < seeks.size(); ++i)
    if (!seeks[i].offset && (failed || list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR))
      return member_.watch.cannot_go_on(
        {errc::unavailable,
         "the beginning of partition " + std::to_string(seeks[i].partition) + " of " + topic + " could not be found"});
  if (failed)
    member_.watch.link_fails(to_failure(failed.get()));
}

} // namespace troupe::kafka
