#include <troupe/bridges/grpc/engine/greeting_service.hpp>

#include <utility>

namespace troupe::grpc {

expected<void> greeting_call::send(received_context received, admission taken) {
  auto asked = greet_of(std::move(received.context));
  if (!asked)
    return std::move(asked).error();
  if (!caller_)
    return std::move(caller_).error();
  asked->caller = std::move(*caller_);
  order_ = asked->order;
  send_to(greeter_, std::move(*asked), *this, std::move(taken));
  return {};
}

void greeting_call::end(const greeting_answer& answer) {
  write(answer.tree, order_);
  finish_with(encode_trailers(answer));
}

} // namespace troupe::grpc
