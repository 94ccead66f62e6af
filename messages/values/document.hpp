#pragma once

#include <string>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// What a store keeps. Identified by `id` within its collection: writing an id twice stores once.
struct document {
  std::string database;
  std::string collection;
  std::string id;
  /// A JSON object in MongoDB's relaxed extended form, UTF-8: a date that a store must keep as a date is
  /// {"$date": RFC 3339}. See https://github.com/mongodb/specifications/blob/master/source/extended-json.rst
  std::string body;

  friend bool operator==(const document&, const document&) = default;
};

/// A batch to be made durable.
struct write_documents {
  std::vector<document> documents;
  std::vector<trace_context> traces{}; ///< on whose behalf they are written, as far as it is recorded in this process

  /// Adds a trace, if its spans are recorded.
  void behalf_of(const trace_context& trace) {
    if (trace.recorded())
      traces.push_back(trace);
  }
};

/// What became of one document. A duplicate id is a success: the document is there.
enum class write_outcome : std::uint8_t { stored, duplicate, refused };

struct written_document {
  write_outcome outcome = write_outcome::stored;
  failure why{errc::none, {}}; ///< for `refused`: permanent by definition, with the store's own words

  friend bool operator==(const written_document&, const written_document&) = default;
};

/// One entry per document, in the order of the `write_documents`. A transient failure of the store is an error, not a
/// `written`.
struct written {
  std::vector<written_document> each;
};

} // namespace troupe
