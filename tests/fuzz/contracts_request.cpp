#include <memory>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <library.pb.h>

#include <troupe/messages/contracts/route_table.hpp>
#include <troupe/messages/contracts/template.hpp>
#include <troupe/messages/contracts/transcoding.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::contracts;
using namespace troupe_fuzz;

namespace {

const route_table& table() {
  static const route_table made{rest_surface_of({library::v1::Book::descriptor()->file()->service(0)}).routes};
  return made;
}

/// A template that is taken is one of its own shape too.
void check_template(std::string_view text) {
  const auto parsed = parse_template(text);
  if (!parsed)
    return require(parsed.error().code == errc::invalid && !parsed.error().reason.empty());
  require(!parsed->segments.empty());
  for (const auto& variable : parsed->variables)
    require(variable.count > 0 && variable.first + variable.count <= parsed->segments.size()
            && !variable.field_path.empty());
  const auto again = parse_template(parsed->shape());
  require(again && again->segments == parsed->segments && again->verb == parsed->verb && again->variables.empty());
}

/// A request is decoded into a whole message within the limits, or refused with a reason.
void check_request(const route_match& match, std::string_view query, std::string_view body) {
  const auto* const type = match.route->method->input_type();
  auto* const factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<google::protobuf::Message> request{factory->GetPrototype(type)->New()};
  const transcoding_limits limits;
  const auto decoded = decode_request(match, query, {body, query}, limits, *request);
  if (!decoded)
    return require(!decoded.error().reason.empty()
                   && (decoded.error().code == errc::invalid || decoded.error().code == errc::rejected));
  require(request->IsInitialized());
  require(body.size() <= limits.body);
}

} // namespace

/// A template; or a request of the tests' own contract: method, target and, in the next line, the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  const auto line = text.substr(0, text.find('\n'));
  const auto body = line.size() == text.size() ? std::string_view{} : text.substr(line.size() + 1);
  const auto space = line.find(' ');
  check_template(line);
  if (space == std::string_view::npos)
    return 0;
  const auto target = line.substr(space + 1);
  const auto path = target.substr(0, target.find('?'));
  const auto found = table().find(line.substr(0, space), path);
  if (const auto* const match = std::get_if<route_match>(&found)) {
    require(match->captures.size() == match->route->path.variables.size());
    check_request(*match, path.size() == target.size() ? std::string_view{} : target.substr(path.size() + 1), body);
  }
  return 0;
}
