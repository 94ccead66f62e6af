#pragma once

#include <memory>
#include <utility>

#include <mongoc/mongoc.h>

#include <troupe/bridges/handles/c_ptr.hpp>

namespace troupe::mongodb {

/// Owns a document. No `std::unique_ptr`: the library's type is aligned in a way that templates forget.
class bson_document {
public:
  bson_document() : document_(bson_new()) {}
  bson_document(bson_document&& other) noexcept : document_(std::exchange(other.document_, nullptr)) {}
  bson_document& operator=(bson_document&& other) noexcept {
    std::swap(document_, other.document_);
    return *this;
  }
  ~bson_document() { bson_destroy(document_); }

  bson_t& operator*() const noexcept { return *document_; }
  bson_t* operator->() const noexcept { return document_; }

private:
  bson_t* document_; ///< null once it was moved away
};

/// Owns a connection string that was understood.
using uri_handle = c_ptr<mongoc_uri_t, mongoc_uri_destroy>;

/// Owns the connections. All clients must have come back before it goes; it then ends its own threads, which may take as
/// long as a connection attempt.
using pool_handle = c_ptr<mongoc_client_pool_t, mongoc_client_pool_destroy>;

/// Owns a batch of writes. It must go before its client does.
using bulk_handle = c_ptr<mongoc_bulk_operation_t, mongoc_bulk_operation_destroy>;

/// Owns the functions that a pool calls; the pool copies them.
using callbacks_handle = c_ptr<mongoc_apm_callbacks_t, mongoc_apm_callbacks_destroy>;

/// Owns how a write is to be acknowledged.
using concern_handle = c_ptr<mongoc_write_concern_t, mongoc_write_concern_destroy>;

/// Owns a collection. It must go before its client does.
using collection_handle = c_ptr<mongoc_collection_t, mongoc_collection_destroy>;

/// Owns the result of a query. It must be destroyed before its client.
using cursor_handle = c_ptr<mongoc_cursor_t, mongoc_cursor_destroy>;

/// A reply that a call of the library fills in.
class reply_document {
public:
  reply_document() noexcept { bson_init(&document_); }
  ~reply_document() { bson_destroy(&document_); }
  reply_document(const reply_document&) = delete;
  reply_document& operator=(const reply_document&) = delete;

  /// For a call that initialises it; asked once, before anything else.
  [[nodiscard]] bson_t* to_fill() noexcept {
    bson_destroy(&document_);
    return &document_;
  }

  [[nodiscard]] const bson_t& value() const noexcept { return document_; }

private:
  bson_t document_{};
};

} // namespace troupe::mongodb
