#include <limits>

#include <troupe/bridges/http/target.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe_fuzz;

namespace {

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_path(std::string_view path) {
  const auto decoded = decode_path(path);
  if (!decoded)
    return require(decoded.error().code == errc::invalid && path.find('%') != std::string_view::npos);
  require(decoded->size() <= path.size());
  // A path never gains a slash by being decoded, and no control character gets through.
  std::size_t slashes_before = 0;
  std::size_t slashes_after = 0;
  for (const char c : path)
    slashes_before += c == '/' ? 1 : 0;
  for (const char c : *decoded) {
    slashes_after += c == '/' ? 1 : 0;
    require(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
  }
  require(slashes_before == slashes_after);
  const auto status = parse_status(path.substr(path.rfind('/') + 1));
  require(!status || (*status >= 200 && *status <= 599));
}

void check_target(std::string_view text, method verb) {
  const auto target = split_target(text, verb);
  if (!target)
    return require(target.error().code == errc::invalid && !target.error().reason.empty());
  require(!target->path.empty() && (target->path.front() == '/' || (target->path == "*" && verb == method::options)));
  require(target->path == "/" || lies_within(target->path, text));
  require(lies_within(target->query, text) && lies_within(target->authority, text));
  if (!target->authority.empty())
    require(lies_within(*host_of(target->authority), text));
  check_path(target->path);
  for (const auto* const name : {"source", "after", "limit", "a", ""})
    static_cast<void>(query_value(target->query, name));
}

} // namespace

/// What a client writes into a request line is split within its bounds or refused; what is decoded holds nothing new.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  const auto space = text.find(' ');
  const auto verb = method_from_string(text.substr(0, space));
  check_target(space == std::string_view::npos ? text : text.substr(space + 1), verb);
  const auto number = parse_number(text, std::numeric_limits<std::int64_t>::max());
  require(!number || *number >= 0);
  require(!is_uuid(text) || is_repeatable_id(text));
  return 0;
}
