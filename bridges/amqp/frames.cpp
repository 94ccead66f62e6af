#include <troupe/bridges/amqp/frames.hpp>

namespace troupe::amqp {

amqp_bytes_t bytes_of(std::string_view text) noexcept {
  return {text.size(), const_cast<char*>(text.data())};
}

std::string_view text_of(const amqp_bytes_t& bytes) noexcept {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

namespace {

amqp_table_entry_t new_entry(std::string_view name, amqp_field_value_kind_t kind) noexcept {
  amqp_table_entry_t made{};
  made.key = bytes_of(name);
  made.value.kind = static_cast<std::uint8_t>(kind);
  return made;
}

} // namespace

amqp_table_entry_t entry_of(std::string_view name, std::string_view text) noexcept {
  auto made = new_entry(name, AMQP_FIELD_KIND_UTF8);
  made.value.value.bytes = bytes_of(text);
  return made;
}

amqp_table_entry_t number_entry(std::string_view name, std::uint8_t number) noexcept {
  auto made = new_entry(name, AMQP_FIELD_KIND_I32);
  made.value.value.i32 = number;
  return made;
}

amqp_table_entry_t yes_entry(std::string_view name) noexcept {
  auto made = new_entry(name, AMQP_FIELD_KIND_BOOLEAN);
  made.value.value.boolean = 1;
  return made;
}

amqp_table_entry_t table_entry(std::string_view name, std::span<amqp_table_entry_t> entries) noexcept {
  auto made = new_entry(name, AMQP_FIELD_KIND_TABLE);
  made.value.value.table = {static_cast<int>(entries.size()), entries.data()};
  return made;
}

std::optional<std::string_view> scalar_text(const amqp_field_value_t& value, std::deque<std::string>& numbers) {
  const auto number = [&numbers](auto which) {
    return std::optional<std::string_view>{numbers.emplace_back(std::to_string(which))};
  };
  switch (value.kind) {
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
      return text_of(value.value.bytes);
    case AMQP_FIELD_KIND_BOOLEAN:
      return value.value.boolean != 0 ? "true" : "false";
    case AMQP_FIELD_KIND_I8:
      return number(value.value.i8);
    case AMQP_FIELD_KIND_U8:
      return number(value.value.u8);
    case AMQP_FIELD_KIND_I16:
      return number(value.value.i16);
    case AMQP_FIELD_KIND_U16:
      return number(value.value.u16);
    case AMQP_FIELD_KIND_I32:
      return number(value.value.i32);
    case AMQP_FIELD_KIND_U32:
      return number(value.value.u32);
    case AMQP_FIELD_KIND_I64:
      return number(value.value.i64);
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP:
      return number(value.value.u64);
    case AMQP_FIELD_KIND_F32:
      return number(value.value.f32);
    case AMQP_FIELD_KIND_F64:
      return number(value.value.f64);
    default:
      return std::nullopt;
  }
}

received received_of(const amqp_basic_properties_t& properties) {
  properties_view view;
  if ((properties._flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0)
    view.content_type = text_of(properties.content_type);
  if ((properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
    view.message_id = text_of(properties.message_id);
  if ((properties._flags & AMQP_BASIC_TIMESTAMP_FLAG) != 0)
    view.time = static_cast<std::int64_t>(properties.timestamp);
  std::deque<std::string> numbers;
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
    view.headers.reserve(static_cast<std::size_t>(properties.headers.num_entries));
    for (int i = 0; i < properties.headers.num_entries; ++i) {
      const auto& each = properties.headers.entries[i];
      if (const auto text = scalar_text(each.value, numbers))
        view.headers.push_back({text_of(each.key), *text});
    }
  }
  return decode(view);
}

outgoing_arguments::outgoing_arguments(const std::vector<argument>& arguments) {
  for (const auto& each : arguments) {
    auto& made = entries_.emplace_back(entry_of(each.name, {}));
    if (const auto* const number = std::get_if<std::int64_t>(&each.value)) {
      made.value.kind = AMQP_FIELD_KIND_I64;
      made.value.value.i64 = *number;
    } else {
      made.value.value.bytes = bytes_of(std::get<std::string>(each.value));
    }
  }
}

amqp_table_t outgoing_arguments::table() noexcept {
  return {static_cast<int>(entries_.size()), entries_.data()};
}

} // namespace troupe::amqp
