#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::embedded {

/// Spawns a subscription: it hands the messages of a stream (to the one subscription of its group in this process) or of a
/// queue (shared with other subscriptions to it) to the handler, settles those that are done, parks those that are to be
/// retried, and sets aside those that are rejected or have no attempts left.
///
/// - It wakes when a publish commits.
/// - It begins at the committed offset. Deliveries that an earlier process had handed out when it ended without a drain are
///   handed out one at a time, and each attempt is written first.
/// - It ends with `conflict` when its group has a subscription to the stream already or the destination exists with other
///   properties, and with `invalid` for a configuration that is wrong. When the database fails it tries
///   again.
source_actor spawn_source(const spawn_context& context, sqlite::database_ptr database, subscription config,
                          handler_actor handler);

} // namespace troupe::embedded
