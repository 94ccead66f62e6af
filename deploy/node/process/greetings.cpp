#include <troupe/deploy/node/process/greetings.hpp>

#include <troupe/messages/values/json.hpp>

namespace troupe::node {

actors::greeter_config greeter_of(const service_plan& service, const std::string& hostname) {
  using kept = actors::greeter_store_step::kept;
  const auto& greeter = *service.greeter;
  actors::greeter_config result{.name = service.name,
                                .service = *greeter.name,
                                .text = greeter.greeting,
                                .hostname = greeter.hostname == hostname_shown::yes ? hostname : std::string{},
                                .form = greeter.form,
                                .split = greeter.split,
                                .default_deadline = greeter.deadline};
  if (greeter.store)
    result.store = actors::greeter_store_step{.database = greeter.store->database,
                                              .collection = greeter.store->collection,
                                              .form = greeter.form,
                                              .keeps = greeter.keep == kept_greeting::callers ? kept::callers : kept::own};
  return result;
}

actors::document_function documents_of(const service_plan& service, const consumer_topology& consumer) {
  const auto& into = *consumer.store;
  return consumer.as == stored_form::greeting ? actors::greeting_documents(into.database, into.collection, service.form)
                                              : actors::text_documents(into.database, into.collection);
}

actors::delivery_function forwarding_of(const consumer_topology& consumer) {
  return [as = consumer.as](const delivery& one) -> reply {
    if (as == stored_form::greeting)
      if (const auto read = greeting_from_json(one.content.payload); read.has_error())
        return {verdict::reject, read.error()};
    return {verdict::done, {errc::none, {}}, {one.content}};
  };
}

} // namespace troupe::node
