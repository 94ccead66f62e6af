#include <troupe/bridges/amqp/properties.hpp>

#include <algorithm>
#include <deque>
#include <iterator>
#include <span>

#include <troupe/bridges/amqp/frames.hpp>
#include <troupe/messages/values/dead_letter.hpp>

namespace troupe::amqp {

namespace {

constexpr std::uint8_t persistent = 2;
constexpr std::size_t pool_page = 4096;

// What `aside_header` holds.
constexpr std::string_view kept_expiration = "expiration";
constexpr std::string_view kept_user = "user-id";
constexpr std::string_view kept_mode = "delivery-mode"; // 0: it had none
constexpr std::string_view kept_order = "header-order";
constexpr std::string_view kept_lack_of_id = "no-message-id"; // the bridge has given it its id
constexpr std::string_view kept_by_brokers = "headers";       // those that brokers wrote before it arrived in its queue

// A broker would deliver a copy to each queue in these headers.
bool is_routing(std::string_view name) noexcept {
  return name == "CC" || name == "BCC";
}

std::span<const amqp_table_entry_t> entries_of(const amqp_table_t& table) noexcept {
  return {table.entries, static_cast<std::size_t>(std::max(table.num_entries, 0))};
}

std::span<const amqp_table_entry_t> headers_of(const amqp_basic_properties_t& from) noexcept {
  return (from._flags & AMQP_BASIC_HEADERS_FLAG) != 0 ? entries_of(from.headers) : std::span<const amqp_table_entry_t>{};
}

const amqp_table_entry_t* find_entry(std::span<const amqp_table_entry_t> in, std::string_view name) noexcept {
  const auto found = std::find_if(in.begin(), in.end(), [name](const auto& each) { return text_of(each.key) == name; });
  return found == in.end() ? nullptr : &*found;
}

std::string_view text_under(std::span<const amqp_table_entry_t> in, std::string_view name) noexcept {
  const auto* const found = find_entry(in, name);
  return found != nullptr && found->value.kind == AMQP_FIELD_KIND_UTF8 ? text_of(found->value.value.bytes)
                                                                       : std::string_view{};
}

void set_text(amqp_basic_properties_t& in, amqp_flags_t flag, amqp_bytes_t& member, std::string_view text) noexcept {
  if (text.empty()) {
    in._flags &= ~flag;
    return;
  }
  in._flags |= flag;
  member = bytes_of(text);
}

void set_mode(amqp_basic_properties_t& in, std::uint8_t mode) noexcept {
  in._flags = mode == 0 ? in._flags & ~AMQP_BASIC_DELIVERY_MODE_FLAG : in._flags | AMQP_BASIC_DELIVERY_MODE_FLAG;
  in.delivery_mode = mode;
}

std::uint8_t mode_of(const amqp_basic_properties_t& of) noexcept {
  return (of._flags & AMQP_BASIC_DELIVERY_MODE_FLAG) != 0 ? of.delivery_mode : std::uint8_t{0};
}

// Whether Troupe set it aside: then what brokers and Troupe wrote since is not its own.
bool was_set_aside(std::span<const amqp_table_entry_t> headers) noexcept {
  return std::any_of(headers.begin(), headers.end(), [](const auto& each) {
    const auto name = text_of(each.key);
    return name == aside_header || same_header_name(name, retry_header) || same_header_name(name, header_name::last_failure);
  });
}

// A broker that sets a message aside removes its expiration, and keeps it in the latest entry of `x-death`.
std::string_view expiration_before_death(std::span<const amqp_table_entry_t> headers) noexcept {
  const auto* const deaths = find_entry(headers, "x-death");
  if (deaths == nullptr || deaths->value.kind != AMQP_FIELD_KIND_ARRAY || deaths->value.value.array.num_entries < 1)
    return {};
  const auto& latest = deaths->value.value.array.entries[0];
  return latest.kind == AMQP_FIELD_KIND_TABLE ? text_under(entries_of(latest.value.table), "original-expiration")
                                              : std::string_view{};
}

void read_kept(own_properties& into, std::span<const amqp_table_entry_t> kept) noexcept {
  set_text(into.basic, AMQP_BASIC_EXPIRATION_FLAG, into.basic.expiration, text_under(kept, kept_expiration));
  into.user = text_under(kept, kept_user);
  into.order = text_under(kept, kept_order);
  if (const auto* const mode = find_entry(kept, kept_mode); mode != nullptr && mode->value.kind == AMQP_FIELD_KIND_I32)
    set_mode(into.basic, static_cast<std::uint8_t>(mode->value.value.i32));
  if (find_entry(kept, kept_lack_of_id) != nullptr)
    into.basic._flags &= ~AMQP_BASIC_MESSAGE_ID_FLAG;
  if (const auto* const moved = find_entry(kept, kept_by_brokers);
      moved != nullptr && moved->value.kind == AMQP_FIELD_KIND_TABLE)
    for (const auto& each : entries_of(moved->value.value.table))
      into.by_brokers.push_back(each);
}

} // namespace

wire_properties::wire_properties(std::string_view bytes) {
  init_amqp_pool(&pool_, pool_page);
  void* decoded = nullptr;
  if (!bytes.empty() && amqp_decode_properties(AMQP_BASIC_CLASS, &pool_, bytes_of(bytes), &decoded) == AMQP_STATUS_OK)
    read_ = static_cast<amqp_basic_properties_t*>(decoded);
}

wire_properties::~wire_properties() {
  empty_amqp_pool(&pool_);
}

own_properties own_properties_of(const amqp_basic_properties_t& arrived, bool has_id) {
  own_properties own;
  const auto headers = headers_of(arrived);
  own.basic = arrived;
  own.basic._flags &= ~(AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_USER_ID_FLAG);
  if (has_id)
    own.basic._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
  if (was_set_aside(headers)) {
    const auto* const kept = find_entry(headers, aside_header);
    if (kept != nullptr && kept->value.kind == AMQP_FIELD_KIND_TABLE)
      read_kept(own, entries_of(kept->value.value.table));
    return own;
  }
  if ((arrived._flags & AMQP_BASIC_MESSAGE_ID_FLAG) == 0)
    own.basic._flags &= ~AMQP_BASIC_MESSAGE_ID_FLAG;
  if ((arrived._flags & AMQP_BASIC_USER_ID_FLAG) != 0)
    own.user = text_of(arrived.user_id);
  own.order = text_under(headers, order_header);
  std::copy_if(headers.begin(), headers.end(), std::back_inserter(own.by_brokers), [](const auto& each) {
    return is_by_brokers(text_of(each.key)) && !is_count_of_deliveries(text_of(each.key));
  });
  return own;
}

outgoing_properties::outgoing_properties(const message& content, const header_list& headers, publication how,
                                         std::string_view user)
  : arrived_(content.properties) {
  if (arrived_.get() == nullptr)
    begin_anew(content, headers);
  else if (how == publication::again)
    as_it_arrived(user);
  else
    take_over(content, headers, how, user);
  set_headers();
}

// A message that never was on the wire.
void outgoing_properties::begin_anew(const message& content, const header_list& headers) {
  set_mode(properties_, persistent);
  set_text(properties_, AMQP_BASIC_CONTENT_TYPE_FLAG, properties_.content_type, content.content_type);
  set_text(properties_, AMQP_BASIC_MESSAGE_ID_FLAG, properties_.message_id, content.id);
  entries_.reserve(headers.size());
  for (const auto& each : headers)
    entries_.push_back(entry_of(each.name, each.value));
}

void outgoing_properties::as_it_arrived(std::string_view user) {
  properties_ = *arrived_.get();
  if ((properties_._flags & AMQP_BASIC_USER_ID_FLAG) != 0 && text_of(properties_.user_id) != user)
    properties_._flags &= ~AMQP_BASIC_USER_ID_FLAG;
  for (const auto& each : headers_of(*arrived_.get()))
    if (!is_count_of_deliveries(text_of(each.key)) && !is_routing(text_of(each.key)))
      entries_.push_back(each);
}

void outgoing_properties::take_over(const message& content, const header_list& headers, publication how,
                                    std::string_view user) {
  const auto own = own_properties_of(*arrived_.get(), !content.id.empty());
  properties_ = own.basic;
  set_text(properties_, AMQP_BASIC_CONTENT_TYPE_FLAG, properties_.content_type, content.content_type);
  set_text(properties_, AMQP_BASIC_USER_ID_FLAG, properties_.user_id, own.user == user ? user : std::string_view{});
  take_headers(headers, how, own.order);
  if (how == publication::aside) {
    set_aside(own);
    set_mode(properties_, persistent);
    properties_._flags &= ~AMQP_BASIC_EXPIRATION_FLAG; // it must not expire while it waits
    properties_._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
  } else if (was_set_aside(headers_of(*arrived_.get()))) {
    entries_.insert(entries_.end(), own.by_brokers.begin(), own.by_brokers.end());
  } else if (const auto before = expiration_before_death(headers_of(*arrived_.get())); !before.empty()) {
    set_text(properties_, AMQP_BASIC_EXPIRATION_FLAG, properties_.expiration, before); // a broker set it aside
  }
  if ((properties_._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
    set_text(properties_, AMQP_BASIC_MESSAGE_ID_FLAG, properties_.message_id, content.id);
}

// Each header as it arrived if it still has that value; trace headers, which are never changed, as they arrived.
void outgoing_properties::take_headers(const header_list& headers, publication how, std::string_view order) {
  const auto arrived = headers_of(*arrived_.get());
  std::vector<bool> used(arrived.size());
  std::deque<std::string> numbers;
  for (const auto& each : headers) {
    if (is_trace_header(each.name) || (how == publication::onward && each.name == order_header))
      continue;
    auto made = entry_of(each.name, each.value);
    for (std::size_t i = 0; i < arrived.size(); ++i)
      if (!used[i] && text_of(arrived[i].key) == each.name && scalar_text(arrived[i].value, numbers) == each.value) {
        used[i] = true;
        made = arrived[i];
        break;
      }
    entries_.push_back(made);
  }
  for (const auto& each : arrived) {
    const auto name = text_of(each.key);
    const bool other =
      !scalar_text(each.value, numbers) && !is_by_brokers(name) && !is_routing(name) && name != aside_header;
    if (other || is_trace_header(name))
      entries_.push_back(each);
  }
  if (how == publication::onward && !order.empty())
    entries_.push_back(entry_of(order_header, order));
}

void outgoing_properties::set_aside(const own_properties& own) {
  const auto keep = [this](std::string_view name, std::string_view text) {
    if (!text.empty())
      aside_.push_back(entry_of(name, text));
  };
  if ((own.basic._flags & AMQP_BASIC_EXPIRATION_FLAG) != 0)
    keep(kept_expiration, text_of(own.basic.expiration));
  keep(kept_user, own.user);
  keep(kept_order, own.order);
  if (mode_of(own.basic) != persistent)
    aside_.push_back(number_entry(kept_mode, mode_of(own.basic)));
  if ((own.basic._flags & AMQP_BASIC_MESSAGE_ID_FLAG) == 0)
    aside_.push_back(number_entry(kept_lack_of_id, 1));
  by_brokers_ = own.by_brokers;
  if (!by_brokers_.empty())
    aside_.push_back(table_entry(kept_by_brokers, by_brokers_));
  if (!aside_.empty())
    entries_.push_back(table_entry(aside_header, aside_));
}

void outgoing_properties::set_headers() noexcept {
  if (entries_.empty()) {
    properties_._flags &= ~AMQP_BASIC_HEADERS_FLAG;
    return;
  }
  properties_._flags |= AMQP_BASIC_HEADERS_FLAG;
  properties_.headers = {static_cast<int>(entries_.size()), entries_.data()};
}

bool outgoing_properties::fit_into(std::size_t most) const {
  std::string room(most, '\0');
  auto copy = properties_; // the library takes no constant pointer
  return amqp_encode_properties(AMQP_BASIC_CLASS, &copy, {room.size(), room.data()}) >= 0;
}

} // namespace troupe::amqp
