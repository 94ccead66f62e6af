#include <troupe/bridges/http/client_codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe_fuzz;

namespace {

using progress = answer_reader::progress;

constexpr answer_limits bounds{.header_bytes = 1024, .body_bytes = 4096};

struct reading {
  progress last = progress::need_more;
  http_answer answer;
};

// As the bytes come over the wire, `step` at a time, and then the end.
reading read(std::string_view bytes, std::size_t step) {
  answer_reader reader{bounds};
  reading result;
  for (std::size_t at = 0; at < bytes.size() && result.last == progress::need_more; at += step)
    result.last = reader.feed(bytes.substr(at, step));
  if (result.last == progress::need_more)
    result.last = reader.finish();
  require(result.last != progress::need_more);
  require(result.last == progress::complete || !reader.why().empty());
  if (result.last == progress::complete)
    result.answer = reader.take();
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  const auto whole = read(bytes, size + 1);
  const auto pieces = read(bytes, 7);
  // What one reading understood, the other did, and the same.
  if (whole.last == progress::complete && pieces.last == progress::complete) {
    require(whole.answer.status == pieces.answer.status && whole.answer.body == pieces.answer.body);
    require(whole.answer.missing == pieces.answer.missing && whole.answer.wish == pieces.answer.wish);
  }
  if (whole.last == progress::complete) {
    require(whole.answer.status >= 200 && whole.answer.body.size() <= bounds.body_bytes);
    const auto decoded = decode_greeting_answer(whole.answer);
    if (!decoded) {
      require(decoded.error().code != errc::none && !decoded.error().reason.empty());
      // Only who sent a call knows that it was not sent.
      require(decoded.error().code != errc::not_sent);
    }
  }
  if (const auto target = parse_client_target(bytes)) {
    require(!target->host.empty() && target->port != 0 && target->path.front() == '/');
    const auto again = parse_client_target((target->via == client_target::scheme::http ? "http://" : "https://")
                                           + target->authority() + target->path);
    require(again && *again == *target);
  }
  return 0;
}
