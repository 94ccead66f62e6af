#include <troupe/bridges/http/engine/pipeline_gate.hpp>

#include <boost/asio/post.hpp>

#include <troupe/bridges/http/engine/connection.hpp>

namespace troupe::http {

pipeline_gate::turn::turn(pipeline_gate& at, connection& who) : gate_(at), who_(who) {
  if (gate_.taken_ < gate_.turns_) {
    ++gate_.taken_;
    granted_ = true;
  } else {
    gate_.line_.push_back(this);
  }
}

pipeline_gate::turn::~turn() {
  if (granted_) {
    --gate_.taken_;
    gate_.grant();
  } else {
    std::erase(gate_.line_, this);
  }
}

void pipeline_gate::grant() {
  if (line_.empty() || taken_ >= turns_)
    return;
  auto& next = *line_.front();
  line_.pop_front();
  ++taken_;
  next.granted_ = true;
  // In a separate turn of the loop. A connection that ends before lives until a later turn.
  asio::post(io_, [&who = next.who_] { who.signal(); });
}

} // namespace troupe::http
