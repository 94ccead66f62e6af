#include <troupe/bridges/grpc/engine/codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

namespace {

template <class Response>
void check_answer(const std::uint8_t* data, std::size_t size) {
  Response response;
  if (!response.ParseFromArray(data, static_cast<int>(size)))
    return;
  const auto read = grpc::decode_response(response);
  if (!read)
    return require(read.error().code == errc::undecodable && !read.error().reason.empty());
  Response written;
  grpc::encode_response({*read, {}}, greeting_order::pre_order, written);
  const auto again = grpc::decode_response(written);
  require(again && *again == *read);
}

void check_request(const std::uint8_t* data, std::size_t size) {
  ::greeting::v3::GreetingRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size)))
    return;
  const auto read = grpc::decode_request(request);
  if (!read)
    return require(read.error().code == errc::invalid && !read.error().reason.empty());
  greet call;
  call.caller = *read;
  ::greeting::v3::GreetingRequest written;
  grpc::encode_request(call, written);
  const auto again = grpc::decode_request(written);
  require(again && *again == *read);
}

} // namespace

/// An answer or a request that protobuf has parsed is read or refused; what is read is written and read back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_answer<::greeting::GreetingResponse>(data, size);
  check_answer<::greeting::v3::GreetingResponse>(data, size);
  check_request(data, size);
  return 0;
}
