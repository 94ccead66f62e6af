#include <troupe/bridges/mongodb/bulk.hpp>

#include <cstdint>
#include <optional>
#include <string>
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
  std::string_view unique_key; ///< the first field of the key that is there already, where the server reports it
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

/// The key that a duplicate key error is about.
enum class violated : std::uint8_t {
  other,  ///< of another unique key
  id,     ///< of the id: the document that is there has the same
  perhaps ///< of the id, or of one that is compared as equal
};

// "E11000 duplicate key error collection: d.c index: _id_ dup key: ..."; some servers name no index, and may mean any.
violated index_of(const entry& item) {
  const auto says = [&item](std::string_view text) { return item.words.find(text) != std::string_view::npos; };
  const auto of_id = says("ollation") ? violated::perhaps : violated::id; // "collation: {...}", "CollationKey(...)"
  if (!item.unique_key.empty())
    return item.unique_key == "_id" ? of_id : violated::other;
  constexpr std::string_view sign = " index: ";
  const auto at = item.words.find(sign);
  if (at == std::string_view::npos)
    return violated::perhaps;
  const auto name = item.words.substr(at + sign.size());
  const auto end = name.substr(0, name.find(" dup key"));
  if (end == id_index)
    return of_id;
  const bool may_be = end.ends_with("$_id_") || end.starts_with("_id_ collation"); // as "d.c.$_id_" on old servers
  return may_be ? violated::perhaps : violated::other;
}

written_document outcome_of(const entry& item) {
  if (is_duplicate_key(item.code) && index_of(item) != violated::other)
    return {write_outcome::duplicate, {errc::none, {}}};
  return {write_outcome::refused, to_failure(item.code, item.words, scope::document)};
}

/// A transient failure of all, whatever its code: a repeated write finds out.
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
  expected<bulk_outcome> outcomes;
  failure why{errc::none, {}}; ///< the library's error for a bulk that failed as a whole
};

attempt run(mongoc_collection_t& into, std::span<const bson_document> documents) {
  bson_t options = BSON_INITIALIZER;
  BSON_APPEND_BOOL(&options, "ordered", false);
  const bulk_handle bulk{mongoc_collection_create_bulk_operation_with_opts(&into, &options)};
  bson_destroy(&options);
  bson_error_t problem{};
  bson_t each_options = BSON_INITIALIZER;
  BSON_APPEND_BOOL(&each_options, "validate", false); // they are well-formed; the server validates the rest
  bool taken = true;
  for (auto each = documents.begin(); each != documents.end() && taken; ++each)
    taken = mongoc_bulk_operation_insert_with_opts(bulk.get(), &**each, &each_options, &problem);
  bson_destroy(&each_options);
  if (!taken)
    return {failure{}, to_failure(problem)};
  reply_document answer;
  if (mongoc_bulk_operation_execute(bulk.get(), answer.to_fill(), &problem) != 0)
    return {bulk_outcome{std::vector<written_document>(documents.size()), {}}};
  auto read = read_reply(answer.value(), documents.size());
  return {std::move(read), to_failure(problem)};
}

std::string_view id_of(const bson_t& encoded) {
  bson_iter_t found;
  std::uint32_t size = 0;
  if (!bson_iter_init_find(&found, &encoded, "_id") || !BSON_ITER_HOLDS_UTF8(&found))
    return {};
  const auto* const text = bson_iter_utf8(&found, &size);
  return {text, size};
}

/// The id of the document that is there instead of one with this id; nothing: there is none any more. By the collection's
/// own comparison, so that its index is used.
expected<std::optional<std::string>> id_there(mongoc_collection_t& in, const std::string& id) {
  bson_t like = BSON_INITIALIZER;
  bson_append_utf8(&like, "_id", 3, id.data(), static_cast<int>(id.size()));
  const cursor_handle found{mongoc_collection_find_with_opts(&in, &like, nullptr, nullptr)};
  bson_destroy(&like);
  const bson_t* one = nullptr;
  if (mongoc_cursor_next(found.get(), &one))
    return std::optional{std::string{id_of(*one)}};
  bson_error_t problem{};
  if (mongoc_cursor_error(found.get(), &problem))
    return to_failure(problem);
  return std::optional<std::string>{};
}

expected<std::vector<written_document>> insert(mongoc_collection_t& into, std::span<const bson_document> documents) {
  auto [outcomes, why] = run(into, documents);
  if (outcomes.has_value())
    return prove(
      std::move(*outcomes), [documents](std::size_t index) { return std::string{id_of(*documents[index])}; },
      [&into](const std::string& id) { return id_there(into, id); });
  if (is_transient(why.code) || why.code == errc::none)
    return why.code == errc::none ? outcomes.error() : why;
  if (documents.size() == 1)
    return std::vector{written_document{write_outcome::refused, {errc::rejected, std::move(why.reason)}}};
  std::vector<written_document> result;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto one = insert(into, documents.subspan(i, 1));
    if (one.has_error())
      return one.error();
    result.push_back(std::move(one->front()));
  }
  return result;
}

void note(bulk_outcome& in, std::size_t index, written_document outcome, violated of) {
  if (outcome.outcome == write_outcome::duplicate && of == violated::perhaps)
    in.unproven.push_back(index);
  in.each[index] = std::move(outcome);
}

} // namespace

expected<bulk_outcome> read_reply(const bson_t& reply, std::size_t count) {
  bulk_outcome result{std::vector<written_document>(count), {}};
  std::optional<failure> all;
  std::int64_t reported = 0;
  for_each_entry(reply, "writeConcernErrors", [&](const entry& one) {
    all = of_all(to_failure(one.code, one.words, scope::write));
    return false;
  });
  for_each_entry(reply, "writeErrors", [&](const entry& one) {
    ++reported;
    auto outcome = outcome_of(one);
    if (one.index < 0 || static_cast<std::size_t>(one.index) >= count || is_transient(outcome.why.code))
      all = of_all(to_failure(one.code, one.words, scope::document));
    else
      note(result, static_cast<std::size_t>(one.index), std::move(outcome), index_of(one));
    return !all;
  });
  if (all)
    return *all;
  if (inserted(reply) + reported != static_cast<std::int64_t>(count))
    return failure{errc::unavailable, "the reply reports " + std::to_string(inserted(reply) + reported) + " documents of "
                                        + std::to_string(count)};
  return result;
}

expected<std::vector<written_document>> prove(bulk_outcome outcomes, const id_of_document& id_of, const id_lookup& there) {
  for (const auto index : outcomes.unproven) {
    const auto id = id_of(index);
    const auto found = there(id);
    if (found.has_error())
      return of_all(found.error());
    if (!*found)
      outcomes.each[index] = {write_outcome::refused,
                              {errc::rejected, "another unique key of the collection than the id exists already"}};
    else if (**found != id)
      outcomes.each[index] = {
        write_outcome::refused,
        {errc::rejected, "the collection compares its id as equal to that of the document " + **found}};
  }
  return std::move(outcomes.each);
}

expected<std::vector<written_document>> insert(mongoc_client_t& over, const std::string& database,
                                               const std::string& collection, std::span<const bson_document> documents) {
  const collection_handle into{mongoc_client_get_collection(&over, database.c_str(), collection.c_str())};
  return insert(*into, documents);
}

} // namespace troupe::mongodb
