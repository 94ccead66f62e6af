#include <troupe/bridges/http/engine/pipeline_gate.hpp>

#include <boost/asio/post.hpp>

#include <troupe/bridges/http/engine/connection.hpp>

namespace troupe::http {

pipeline_gate::place::place(pipeline_gate& at, connection& who) : gate_(at), who_(who) {
  if (gate_.taken_ < gate_.places_) {
    ++gate_.taken_;
    granted_ = true;
  } else {
    gate_.line_.push_back(this);
  }
}

pipeline_gate::place::~place() {
  if (granted_) {
    --gate_.taken_;
    gate_.grant();
  } else {
    std::erase(gate_.line_, this);
  }
}

void pipeline_gate::grant() {
  if (line_.empty() || taken_ >= places_)
    return;
  auto& next = *line_.front();
  line_.pop_front();
  ++taken_;
  next.granted_ = true;
  // In a turn of its own. Should the connection end before, it lives until a later turn.
  asio::post(io_, [&who = next.who_] { who.signal(); });
}

} // namespace troupe::http
