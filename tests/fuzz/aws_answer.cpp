#include <troupe/bridges/aws/codec.hpp>
#include <troupe/bridges/aws/xml.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::aws;
using namespace troupe_fuzz;

namespace {

template <class T>
void require_reason(const expected<T>& what) {
  require(what.has_value() || (what.error().code != errc::none && !what.error().reason.empty()));
}

void require_whole(const expected<credentials>& what) {
  require_reason(what);
  if (what)
    require(!what->key_id.empty() && !what->key.empty() && !what->session_token.empty() && what->expires);
}

} // namespace

// The first byte is the status's, the first line the error header, the rest the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto text = text_of(data + 1, size - 1);
  const auto line = text.substr(0, text.find('\n'));
  const http_response answer{*data == '2' ? 200U : 400U + *data,
                             std::string{line},
                             {},
                             std::string{text.substr(line.size() < text.size() ? line.size() + 1 : line.size())}};
  require_reason(decode_read({secret_keeper::secrets_manager, "a", {}, {}}, answer));
  require_reason(decode_read({secret_keeper::secrets_manager, "a", {}, "member"}, answer));
  require_reason(decode_read({secret_keeper::parameter_store, "/a", {}, {}}, answer));
  require_whole(decode_assume_role(answer));
  require_whole(decode_container_answer(answer));
  const auto refused = decode_error(answer);
  require(refused.name.size() <= 300 && refused.message.size() <= 300);
  const auto why = aws::to_failure(refused);
  require(why.code != errc::none && why.reason.find('\n') == std::string::npos);
  if (const auto found = element_text(answer.body, "Code"))
    require(found->size() <= answer.body.size());
  return 0;
}
