#include <algorithm>
#include <memory>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <library.pb.h>

#include <troupe/messages/contracts/transcoding_client.hpp>
#include <troupe/messages/contracts/transcoding_status.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::contracts;
using namespace troupe_fuzz;

namespace {

const std::vector<rest_route>& routes() {
  static const auto made = rest_surface_of({library::v1::Book::descriptor()->file()->service(0)}).routes;
  return made;
}

} // namespace

/// What a server answers: the name of a method of the tests' own contract and, in the next line, the body; or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  if (const auto status = status_of_json(text)) {
    require(status->code() > 0 && status->code() <= 16);
    const auto again = status_of_json(to_json(*status));
    require(again && again->code() == status->code() && again->details_size() == status->details_size());
  }
  const auto line = text.substr(0, text.find('\n'));
  const auto body = line.size() == text.size() ? std::string_view{} : text.substr(line.size() + 1);
  const auto route = std::ranges::find_if(routes(), [&](const rest_route& one) { return one.method->name() == line; });
  if (route == routes().end())
    return 0;
  const std::unique_ptr<google::protobuf::Message> answer{
    google::protobuf::MessageFactory::generated_factory()->GetPrototype(route->method->output_type())->New()};
  if (const auto decoded = decode_answer(*route, {body, line}, *answer); !decoded)
    require(decoded.error().code == errc::internal && !decoded.error().reason.empty());
  return 0;
}
