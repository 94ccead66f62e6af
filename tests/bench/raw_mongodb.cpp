#include "raw_mongodb.hpp"

#include "figure.hpp"

namespace troupe::bench {

raw_mongodb::raw_mongodb(const std::string& uri) : client_(mongoc_client_new(uri.c_str())) {
  if (client_ == nullptr)
    give_up("no connection string");
  constexpr int within_ms = 4000;
  mongoc_write_concern_t* const majority = mongoc_write_concern_new();
  mongoc_write_concern_set_wmajority(majority, within_ms);
  mongoc_client_set_write_concern(client_, majority);
  mongoc_write_concern_destroy(majority);
}

raw_mongodb::~raw_mongodb() {
  mongoc_client_destroy(client_);
}

void raw_mongodb::drop(const std::string& database) {
  mongoc_database_t* const all = mongoc_client_get_database(client_, database.c_str());
  bson_error_t problem{};
  if (!mongoc_database_drop(all, &problem))
    give_up(problem.message);
  mongoc_database_destroy(all);
}

void raw_mongodb::insert(const std::string& database, const std::string& collection, const bson_t& what) {
  mongoc_collection_t* const into = mongoc_client_get_collection(client_, database.c_str(), collection.c_str());
  bson_error_t problem{};
  if (!mongoc_collection_insert_one(into, &what, nullptr, nullptr, &problem))
    give_up(problem.message);
  mongoc_collection_destroy(into);
}

} // namespace troupe::bench
