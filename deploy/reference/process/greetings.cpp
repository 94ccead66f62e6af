#include <troupe/deploy/reference/process/greetings.hpp>

#include <troupe/deploy/reference/greeter_part.hpp>
#include <troupe/messages/values/json.hpp>

namespace troupe::reference {

actors::greeter_config greeter_config_of(const host::service_plan& service, const std::string& hostname) {
  using kept = actors::greeter_store_step::kept;
  const auto& greeter = *greeter_of(service);
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

actors::document_function documents_of(document_form form, const host::consumer_topology& consumer) {
  const auto& into = *consumer.store;
  return consumer.as == greeting_form_name ? actors::greeting_documents(into.database, into.collection, form)
                                           : actors::text_documents(into.database, into.collection);
}

actors::delivery_function forwarding_of(const host::consumer_topology& consumer) {
  return [is_greeting = consumer.as == greeting_form_name](const delivery& one) -> reply {
    if (is_greeting)
      if (const auto read = greeting_from_json(one.content.payload); read.has_error())
        return {verdict::reject, read.error()};
    return {verdict::done, {errc::none, {}}, {one.content}};
  };
}

} // namespace troupe::reference
