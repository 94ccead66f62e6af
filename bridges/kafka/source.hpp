#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::kafka {

/// Spawns a member of a consumer group. It hands the messages of a topic to the handler, commits settled offsets, parks and
/// hands out again the deliveries to be retried, and publishes rejected and spent ones to `dead_letters`, which must publish
/// to `dead_letter_topic`; for a topic of retries, to that of the topic whose retries it holds.
///
/// - With `retry_location::topic`, deliveries to be retried later are published to `retries`, which must publish to
///   `retry_topic`; another source reads it, with that topic and `config.retries_of`. The order of a key is lost then.
/// - Only the contiguous watermark of settled offsets is committed. Its metadata records up to where deliveries may have
/// been
///   handed out: those that an earlier member had in flight when it ended without a drain are handed out one at a time, each
///   attempt committed first.
/// - A revoked partition is drained, committed and given up; of a lost one nothing more is committed.
/// - It waits for brokers that are away. It ends with `invalid` for a wrong configuration, and with `unavailable` when its
///   client cannot go on, so that its supervisor restarts it.
/// - `drain` also ends the membership.
source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries = {});

} // namespace troupe::kafka
