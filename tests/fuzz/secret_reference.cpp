#include <troupe/messages/values/secret_reading.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  if (const auto read = parse_secret_reference(text)) {
    const auto again = parse_secret_reference(to_string(*read));
    require(again && *again == *read && to_string(*read) == text);
  } else {
    require(read.error().code == errc::invalid && !read.error().reason.empty());
  }
  std::size_t bytes = 0;
  for (const auto& part : split_list(text)) {
    require(!part.empty() && part.find(',') == std::string::npos);
    bytes += part.size();
  }
  require(bytes <= size);
  // The first line names a member of the rest.
  const auto line = text.substr(0, text.find('\n'));
  const secret rest{std::string{text.substr(line.size())}};
  if (const auto picked = select_field(rest, std::string{line}); !picked)
    require(picked.error().code == errc::undecodable || picked.error().code == errc::not_found
            || picked.error().code == errc::invalid);
  else
    require(!line.empty() || picked->reveal() == without_line_ends(rest.reveal()));
  return 0;
}
