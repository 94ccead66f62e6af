#include <troupe/bridges/mongodb/bulk.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <troupe/bridges/mongodb/errors.hpp>

namespace troupe::mongodb {

namespace {

constexpr std::string_view id_index = "_id_"; // its name on every server

/// One entry of a reply's list of errors.
struct entry {
  std::int64_t index = -1;
  std::int64_t code = 0;
  std::string_view words;
  std::string_view unique_key; ///< the first field of the key that is there already, where the server tells
};

std::string_view first_field(const bson_iter_t& of) {
  bson_iter_t inner;
  return BSON_ITER_HOLDS_DOCUMENT(&of) && bson_iter_recurse(&of, &inner) && bson_iter_next(&inner)
           ? std::string_view{bson_iter_key(&inner)}
           : std::string_view{};
}

entry read_entry(const bson_iter_t& list) {
  entry result;
  auto of = list;
  while (bson_iter_next(&of)) {
    const std::string_view key = bson_iter_key(&of);
    if (key == "index" && BSON_ITER_HOLDS_INT(&of)) {
      result.index = bson_iter_as_int64(&of);
    } else if (key == "code" && BSON_ITER_HOLDS_INT(&of)) {
      result.code = bson_iter_as_int64(&of);
    } else if (key == "errmsg" && BSON_ITER_HOLDS_UTF8(&of)) {
      std::uint32_t size = 0;
      const auto* const text = bson_iter_utf8(&of, &size);
      result.words = {text, size};
    } else if (key == "keyPattern") {
      result.unique_key = first_field(of);
    }
  }
  return result;
}

/// Shows each entry of the list under `key`, while `see` returns true.
template <class See>
void for_each_entry(const bson_t& reply, const char* key, See&& see) {
  bson_iter_t list;
  bson_iter_t each;
  if (!bson_iter_init_find(&list, &reply, key) || !BSON_ITER_HOLDS_ARRAY(&list) || !bson_iter_recurse(&list, &each))
    return;
  while (bson_iter_next(&each)) {
    bson_iter_t inner;
    if (BSON_ITER_HOLDS_DOCUMENT(&each) && bson_iter_recurse(&each, &inner) && !see(read_entry(inner)))
      return;
  }
}

bool is_duplicate_key(std::int64_t code) noexcept {
  return code == MONGOC_ERROR_DUPLICATE_KEY || code == 11001 || code == 12582; // older servers' and sharded ones'
}

// "E11000 duplicate key error collection: d.c index: _id_ dup key: ..."; some servers name no index, and have but this one.
bool is_about_id(const entry& what) {
  if (!what.unique_key.empty())
    return what.unique_key == "_id";
  constexpr std::string_view sign = " index: ";
  const auto at = what.words.find(sign);
  if (at == std::string_view::npos)
    return true;
  const auto name = what.words.substr(at + sign.size());
  const auto end = name.substr(0, name.find(" dup key"));
  return end == id_index || end.ends_with("$_id_"); // as "d.c.$_id_" on old servers
}

written_document outcome_of(const entry& what) {
  if (is_duplicate_key(what.code) && is_about_id(what))
    return {write_outcome::duplicate, {errc::none, {}}};
  return {write_outcome::refused, to_failure(what.code, what.words, scope::document)};
}

/// A transient failure of all, whatever its code: who asks again finds out.
failure of_all(failure why) {
  if (!is_transient(why.code))
    why.code = errc::unavailable;
  return why;
}

std::int64_t inserted(const bson_t& reply) {
  bson_iter_t found;
  return bson_iter_init_find(&found, &reply, "nInserted") && BSON_ITER_HOLDS_INT(&found) ? bson_iter_as_int64(&found) : 0;
}

struct attempt {
  expected<std::vector<written_document>> outcomes;
  failure why{errc::none, {}}; ///< what the library says of a bulk that failed as a whole
};

attempt run(mongoc_collection_t& into, std::span<const bson_document> what) {
  bson_t options = BSON_INITIALIZER;
  BSON_APPEND_BOOL(&options, "ordered", false);
  const bulk_handle bulk{mongoc_collection_create_bulk_operation_with_opts(&into, &options)};
  bson_destroy(&options);
  bson_error_t problem{};
  bson_t each_options = BSON_INITIALIZER;
  BSON_APPEND_BOOL(&each_options, "validate", false); // ours are well-formed; whether they please is the server's to say
  bool taken = true;
  for (auto each = what.begin(); each != what.end() && taken; ++each)
    taken = mongoc_bulk_operation_insert_with_opts(bulk.get(), &**each, &each_options, &problem);
  bson_destroy(&each_options);
  if (!taken)
    return {failure{}, to_failure(problem)};
  reply answer;
  if (mongoc_bulk_operation_execute(bulk.get(), answer.to_fill(), &problem) != 0)
    return {std::vector<written_document>(what.size())};
  auto read = read_reply(answer.value(), what.size());
  return {std::move(read), to_failure(problem)};
}

expected<std::vector<written_document>> insert(mongoc_collection_t& into, std::span<const bson_document> what) {
  auto [outcomes, why] = run(into, what);
  if (outcomes.has_value())
    return outcomes;
  if (is_transient(why.code) || why.code == errc::none)
    return why.code == errc::none ? outcomes.error() : why;
  if (what.size() == 1)
    return std::vector{written_document{write_outcome::refused, {errc::rejected, std::move(why.reason)}}};
  std::vector<written_document> result;
  for (std::size_t i = 0; i < what.size(); ++i) {
    auto one = insert(into, what.subspan(i, 1));
    if (one.has_error())
      return one.error();
    result.push_back(std::move(one->front()));
  }
  return result;
}

} // namespace

expected<std::vector<written_document>> read_reply(const bson_t& reply, std::size_t count) {
  std::vector<written_document> result(count);
  std::optional<failure> all;
  std::int64_t told = 0;
  for_each_entry(reply, "writeConcernErrors", [&](const entry& one) {
    all = of_all(to_failure(one.code, one.words, scope::write));
    return false;
  });
  for_each_entry(reply, "writeErrors", [&](const entry& one) {
    ++told;
    auto outcome = outcome_of(one);
    if (one.index < 0 || static_cast<std::size_t>(one.index) >= count || is_transient(outcome.why.code))
      all = of_all(to_failure(one.code, one.words, scope::document));
    else
      result[static_cast<std::size_t>(one.index)] = std::move(outcome);
    return !all;
  });
  if (all)
    return *all;
  if (inserted(reply) + told != static_cast<std::int64_t>(count))
    return failure{errc::unavailable, "the reply speaks of " + std::to_string(inserted(reply) + told) + " documents of "
                                        + std::to_string(count)};
  return result;
}

expected<std::vector<written_document>> insert(mongoc_client_t& over, const std::string& database,
                                               const std::string& collection, std::span<const bson_document> what) {
  const collection_handle into{mongoc_client_get_collection(&over, database.c_str(), collection.c_str())};
  return insert(*into, what);
}

} // namespace troupe::mongodb
