#include <algorithm>

#include <troupe/bridges/http/dead_letter_codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe_fuzz;

namespace {

template <class Question>
bool asks_little(const Question& what) {
  return what.limit >= 1 && what.limit <= 1000;
}

} // namespace

/// What is asked of the administration is read within its bounds or refused with a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(data, size);
  if (const auto list = decode_list(text))
    require(asks_little(*list) && list->after >= 0);
  else
    require(list.error().code == errc::invalid && !list.error().reason.empty());
  if (const auto redrive = decode_redrive(text))
    require(asks_little(*redrive) && redrive->numbers.size() <= 1001
            && std::ranges::all_of(redrive->numbers, [](std::int64_t each) { return each >= 0; }));
  else
    require(redrive.error().code == errc::invalid && !redrive.error().reason.empty());
  const auto show = decode_show(text);
  require(!show || show->number >= 0);
  return 0;
}
