#pragma once

#include <memory>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/http/jobs.hpp>
#include <troupe/bridges/http/reply.hpp>
#include <troupe/messages/ports/administration.hpp>

namespace troupe::http {

/// The answer that one administrative request owes its client. Given exactly once: dropped, it says that the actor which
/// held it failed.
class administration_reply {
public:
  administration_reply(reply to, std::string request_id) : reply_(std::move(to)), request_id_(std::move(request_id)) {}
  ~administration_reply();
  administration_reply(const administration_reply&) = delete;
  administration_reply& operator=(const administration_reply&) = delete;

  /// Answers 200 with a JSON body.
  void give(std::string json);
  void give(const failure& why);

private:
  reply reply_;
  std::string request_id_;
};

/// Asks the keeper of dead letters for the listener, which cannot: an I/O thread is no actor. Jobs that it holds when it
/// ends, or that reach it afterwards, are answered by being dropped.
using clerk_actor = caf::typed_actor<caf::result<void>(dead_letters_job)>;

/// Spawns the clerk between an administration listener and whoever keeps the dead letters.
clerk_actor spawn_clerk(const spawn_context& context, dead_letters_actor target);

} // namespace troupe::http
