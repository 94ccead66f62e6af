#pragma once

#include <chrono>
#include <functional>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/store.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::actors {

/// Turns a delivery into the document that is its effect. Pure. A failure rejects the delivery when it is permanent.
using document_function = std::function<expected<document>(const delivery&)>;

/// Reads a greeting as the reference services publish it; the message id is the greeting's own.
document_function greeting_documents(std::string database, std::string collection, document_form form = document_form::http);

/// Keeps the payload as text beside its message id, key and origin, for messages that have no schema.
document_function text_documents(std::string database, std::string collection);

struct recorder_config {
  document_function to_document;
  store_actor store;
  /// For one write of a batch.
  duration timeout = std::chrono::seconds{10};
};

/// Spawns a handler whose effect is a document per delivery. `done` means that the document is durable.
handler_actor spawn_recorder(const spawn_context& context, recorder_config config);

} // namespace troupe::actors
