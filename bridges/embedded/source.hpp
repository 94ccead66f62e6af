#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/embedded/config.hpp>
#include <troupe/bridges/sqlite/database.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::embedded {

/// Spawns a subscription: it hands the messages of a stream (to the one subscription of its group in this process) or of a
/// queue (shared with other subscriptions to it) to the handler, settles what is done, parks and hands out again what is to
/// be retried, and sets aside what is rejected or spent.
///
/// - It wakes when a publish commits, and rests otherwise.
/// - It begins where the committed state ends. What an earlier process had in its hands when it ended without a drain is
///   handed out one at a time, each attempt written down first.
/// - It ends with `conflict` when its group has a subscription to the stream already or the destination exists with other
///   properties, and with `invalid` for a configuration that is wrong. A database that fails is no reason to end: it tries
///   again.
source_actor spawn_source(const spawn_context& context, sqlite::database_ptr database, subscription config,
                          handler_actor handler);

} // namespace troupe::embedded
