#include <troupe/bridges/http/engine/untaken_answers.hpp>

#include <troupe/bridges/http/engine/connection.hpp>

namespace troupe::http {

untaken_answers::entry::entry(untaken_answers& all, connection& whose, std::size_t bytes)
  : all_(all), whose_(whose), bytes_(bytes), place_(all.waiting_.insert(all.waiting_.end(), this)) {
  all_.bytes_ += bytes_;
  all_.make_room();
}

untaken_answers::entry::~entry() {
  if (cut_off_)
    return;
  all_.bytes_ -= bytes_;
  all_.waiting_.erase(place_);
}

// The last one stays, however large: it is the only one that memory is spent on.
void untaken_answers::make_room() {
  while (bytes_ > at_most_ && waiting_.size() > 1) {
    auto& longest = *waiting_.front();
    waiting_.pop_front();
    bytes_ -= longest.bytes_;
    longest.cut_off_ = true;
    longest.whose_.cut_off();
  }
}

} // namespace troupe::http
