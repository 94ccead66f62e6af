#pragma once

#include <array>

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

namespace troupe::grpc {

/// Where the parts of a call's messages stand side by side, instead of in a piece of memory each: they come and go together.
class message_arena {
public:
  template <class Message>
  Message* make() {
    return google::protobuf::Arena::CreateMessage<Message>(&arena_);
  }

private:
  google::protobuf::ArenaOptions options() noexcept {
    google::protobuf::ArenaOptions result;
    result.initial_block = first_.data();
    result.initial_block_size = first_.size();
    result.start_block_size = 1000; // four greetings; more than this malloc does not keep at hand for its next
    return result;
  }

  alignas(8) std::array<char, 600> first_; // for one greeting; of the thread alone that makes the arena
  google::protobuf::Arena arena_{options()};
};

/// Gives each call of a server an arena for its messages. Any thread.
template <class Request, class Response>
class arena_allocator final : public ::grpc::MessageAllocator<Request, Response> {
public:
  ::grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new messages; }

private:
  class messages final : public ::grpc::MessageHolder<Request, Response> {
  public:
    messages() {
      this->set_request(arena_.make<Request>());
      this->set_response(arena_.make<Response>());
    }
    void Release() override { delete this; }

  private:
    message_arena arena_;
  };
};

} // namespace troupe::grpc
