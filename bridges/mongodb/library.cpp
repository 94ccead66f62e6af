#include <troupe/bridges/mongodb/library.hpp>

#include <mongoc/mongoc.h>

namespace troupe::mongodb {

void begin_library() {
  static const bool begun = [] {
    mongoc_init();
    mongoc_log_set_handler(nullptr, nullptr);
    return true;
  }();
  static_cast<void>(begun);
}

} // namespace troupe::mongodb
