#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/kafka/config.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::kafka {

/// Spawns a member of a consumer group: it hands the messages of a topic to the handler, commits what is settled, parks and
/// hands out again what is to be retried, and publishes what is rejected or spent to `dead_letters`, which leads to
/// `dead_letter_topic`; of a topic of retries, to that of the topic whose retries it holds.
///
/// - Where `config.delayed` is `topic`, what is to be retried later is published to `retries`, which leads to `retry_topic`;
/// a
///   further source reads it, with that topic and `config.retries_of`. The order of a key is given up by that.
/// - Only the contiguous watermark of settled offsets is committed. Beside it stands how far deliveries may have been handed
///   out: what an earlier member had in its hands when it ended without a drain is handed out one at a time, each attempt
///   committed first.
/// - A partition that is revoked is drained, committed and given up; of one that is lost nothing is committed any more.
/// - Brokers that are away are waited for. It ends with `invalid` for a configuration that is wrong, and with `unavailable`
///   when its client cannot go on, so that its supervisor gives it a new one.
/// - `drain` also ends the membership.
source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries = {});

} // namespace troupe::kafka
