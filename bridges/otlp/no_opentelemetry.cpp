#include <troupe/bridges/otlp/sender.hpp>

namespace troupe::otlp {

bool can_send() noexcept {
  return false;
}

std::unique_ptr<sender> make_sender(const config& /*to*/, const text_pairs& /*headers*/, const identity& /*of*/) {
  return nullptr;
}

} // namespace troupe::otlp
