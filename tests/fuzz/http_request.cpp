#include <algorithm>
#include <string>
#include <vector>

#include <troupe/bridges/http/framing.hpp>

#include "property.hpp"

using namespace troupe::http;
using namespace troupe_fuzz;

namespace {

using progress = request_reader::progress;

constexpr limits bounds{.header_bytes = 1024, .body_bytes = 256};

std::size_t put(read_buffer& into, std::string_view bytes) {
  const auto room = into.prepare();
  const auto count = std::min(room.size(), bytes.size());
  std::copy_n(bytes.data(), count, room.data());
  into.commit(count);
  return count;
}

std::string in_words(const request& what) {
  std::string out;
  out.append(what.verb_text).append(" ").append(what.target).append(" ").append(what.body);
  for (const auto& each : what.headers)
    out.append("\n").append(each.name).append(": ").append(each.value);
  return out;
}

// The requests that a stream of bytes holds, as they come over the wire, at most `step` bytes at a time.
std::vector<std::string> requests_of(std::string_view bytes, std::size_t step) {
  read_buffer input{bounds.header_bytes + 1024};
  request_reader reader{bounds};
  std::vector<std::string> all;
  reader.begin();
  for (;;) {
    switch (reader.feed(input)) {
      case progress::complete:
        require(reader.header_complete() && reader.received().body.size() <= bounds.body_bytes);
        all.push_back(in_words(reader.received()));
        reader.begin();
        break;
      case progress::refused:
        require(!reader.detail().empty());
        return all;
      case progress::need_more:
        require(!input.full());
        if (bytes.empty())
          return all;
        bytes.remove_prefix(put(input, bytes.substr(0, step)));
    }
  }
}

} // namespace

/// How a stream is cut does not change which requests it holds: a proxy in front sees the same ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  require(requests_of(bytes, 512) == requests_of(bytes, 7));
  return 0;
}
