#include <troupe/deploy/host/process/wiring.hpp>

namespace troupe::host {

actors::document_function wiring::documents_of(const service_plan& /*service*/, const consumer_topology& consumer) const {
  return actors::text_documents(consumer.store->database, consumer.store->collection);
}

actors::delivery_function wiring::forwarding_of(const consumer_topology& /*consumer*/) const {
  return [](const delivery& one) -> reply { return {verdict::done, {errc::none, {}}, {one.content}}; };
}

} // namespace troupe::host
