#pragma once

#include <string>

#include <mongoc/mongoc.h>

namespace troupe::bench {

/// One connection of bare libmongoc, which writes to a majority; gives up on any failure. One thread at a time.
class raw_mongodb {
public:
  explicit raw_mongodb(const std::string& uri);
  raw_mongodb(const raw_mongodb&) = delete;
  raw_mongodb& operator=(const raw_mongodb&) = delete;
  ~raw_mongodb();

  [[nodiscard]] mongoc_client_t* get() const noexcept { return client_; }

  void drop(const std::string& database);
  /// Inserts one document.
  void insert(const std::string& database, const std::string& collection, const bson_t& what);

private:
  mongoc_client_t* client_;
};

} // namespace troupe::bench
