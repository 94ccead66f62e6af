#include <troupe/bridges/mongodb/codec.hpp>

#include "property.hpp"

using namespace troupe;
using namespace troupe_fuzz;

/// Whatever a message holds is either refused with words, or a well-formed document of bounded size that begins with its id.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t largest = 65'536;
  const auto made = mongodb::encode({"database", "collection", "id", std::string{text_of(data, size)}}, largest);
  if (made.has_error()) {
    require(made.error().code == errc::rejected && !made.error().reason.empty());
    return 0;
  }
  const auto& document = **made;
  require(document.len <= largest);
  require(bson_validate(&document, BSON_VALIDATE_UTF8_ALLOW_NULL, nullptr));
  bson_iter_t first;
  require(bson_iter_init(&first, &document) && bson_iter_next(&first) && std::string_view{bson_iter_key(&first)} == "_id");
  bson_iter_t id;
  std::size_t ids = 0;
  for (require(bson_iter_init(&id, &document)); bson_iter_next(&id);)
    ids += std::string_view{bson_iter_key(&id)} == "_id" ? 1 : 0;
  require(ids == 1);
  return 0;
}
