#pragma once

#include <type_traits>

#include <troupe/messages/ports/type_ids.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe {

// Each port includes what its messages say; here they need only be known by name.
struct contract_answer;
struct contract_call;
struct deliveries;
struct drain;
struct drained;
struct greet;
struct greeting_answer;
struct dead_letter_page;
struct list_dead_letters;
struct numbered_dead_letter;
struct publish;
struct published;
struct read_secret;
struct redrive_dead_letters;
struct redriven;
struct replies;
struct secret_value;
struct show_dead_letter;
struct write_documents;
struct written;

/// Registers the messages of every port, and CAF's own, with CAF. Must be called once, before the process makes an actor
/// system.
void register_message_types();

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe, ::troupe::type_ids::ports)

CAF_ADD_TYPE_ID(troupe, (troupe::errc))
CAF_ADD_TYPE_ID(troupe, (troupe::greet))
CAF_ADD_TYPE_ID(troupe, (troupe::greeting_answer))
CAF_ADD_TYPE_ID(troupe, (troupe::contract_call))
CAF_ADD_TYPE_ID(troupe, (troupe::contract_answer))
CAF_ADD_TYPE_ID(troupe, (troupe::publish))
CAF_ADD_TYPE_ID(troupe, (troupe::published))
CAF_ADD_TYPE_ID(troupe, (troupe::deliveries))
CAF_ADD_TYPE_ID(troupe, (troupe::replies))
CAF_ADD_TYPE_ID(troupe, (troupe::drain))
CAF_ADD_TYPE_ID(troupe, (troupe::drained))
CAF_ADD_TYPE_ID(troupe, (troupe::write_documents))
CAF_ADD_TYPE_ID(troupe, (troupe::written))
CAF_ADD_TYPE_ID(troupe, (troupe::list_dead_letters))
CAF_ADD_TYPE_ID(troupe, (troupe::dead_letter_page))
CAF_ADD_TYPE_ID(troupe, (troupe::show_dead_letter))
CAF_ADD_TYPE_ID(troupe, (troupe::numbered_dead_letter))
CAF_ADD_TYPE_ID(troupe, (troupe::redrive_dead_letters))
CAF_ADD_TYPE_ID(troupe, (troupe::redriven))
CAF_ADD_TYPE_ID(troupe, (troupe::read_secret))
CAF_ADD_TYPE_ID(troupe, (troupe::secret_value))

CAF_END_TYPE_ID_BLOCK(troupe)

namespace troupe {

static_assert(caf::id_block::troupe::end <= type_ids::actors);

/// Shows an error code by its name wherever CAF prints one.
template <class Inspector>
bool inspect(Inspector& f, errc& code) {
  using integer = std::underlying_type_t<errc>;
  auto get = [&code] { return static_cast<integer>(code); };
  auto set = [&code](integer value) {
    code = static_cast<errc>(value);
    return true;
  };
  return f.apply(get, set);
}

/// The failure as a CAF error: our code, with the reason and the status as its context.
caf::error to_error(const failure& why);

/// The failure that a CAF error stands for. Our own codes keep their reason; a runtime code of CAF's becomes the matching
/// one of ours (a receiver that is gone is `actor_failed`, a request timeout is `deadline_exceeded`). Never `errc::none`.
failure to_failure(const caf::error& reported);

} // namespace troupe

CAF_ERROR_CODE_ENUM(troupe::errc)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::greet)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::greeting_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::contract_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::contract_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::publish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::published)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::deliveries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::replies)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::write_documents)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::list_dead_letters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::dead_letter_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::show_dead_letter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::numbered_dead_letter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::redrive_dead_letters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::redriven)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::read_secret)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::secret_value)
