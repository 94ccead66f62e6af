#include <troupe/messages/values/secret.hpp>

#include <ostream>

namespace troupe {

bool secret::matches(std::string_view candidate) const noexcept {
  unsigned difference = candidate.size() == text_.size() ? 0 : 1;
  for (std::size_t at = 0; at < candidate.size() && at < text_.size(); ++at)
    difference |= static_cast<unsigned>(static_cast<unsigned char>(candidate[at]) ^ static_cast<unsigned char>(text_[at]));
  return difference == 0;
}

std::ostream& operator<<(std::ostream& out, const secret& /*hidden*/) {
  return out << "***";
}

} // namespace troupe
