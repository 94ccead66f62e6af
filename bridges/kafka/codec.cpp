#include <troupe/bridges/kafka/codec.hpp>

#include <algorithm>
#include <cstddef>

namespace troupe::kafka {

namespace {

bool is_ours(std::string_view name) noexcept {
  return same_header_name(name, header_name::message_id) || same_header_name(name, content_type_header)
         || is_trace_header(name);
}

// What headers make of a message. Of ours that stand there more than once the last one counts.
template <class Fields>
void read_headers(const Fields& fields, message& into) {
  header_list traced;
  for (const auto& each : fields) {
    const std::string_view value = each.value ? std::string_view{*each.value} : std::string_view{};
    if (same_header_name(each.name, header_name::message_id))
      into.id = value;
    else if (same_header_name(each.name, content_type_header))
      into.content_type = value;
    else
      (is_trace_header(each.name) ? traced : into.headers).push_back({std::string{each.name}, std::string{value}});
  }
  if (!traced.empty())
    into.trace = extract(traced).context;
}

// An author's header that was null and is empty still is null.
bool was_null(const message& what, const header& which) noexcept {
  return which.value.empty() && what.wire
         && std::any_of(what.wire->headers.begin(), what.wire->headers.end(),
                        [&which](const wire_form::field& each) { return !each.value && each.name == which.name; });
}

void tell_own(const message& what, const field_taker& to) {
  for (const auto& each : what.headers)
    if (!is_ours(each.name))
      to({each.name, was_null(what, each) ? std::nullopt : std::optional<std::string_view>{each.value}});
  if (!what.id.empty())
    to({header_name::message_id, what.id});
  if (!what.content_type.empty())
    to({content_type_header, what.content_type});
  troupe::tell_headers(what.trace, [&to](const header_view& each) { to({each.name, each.value}); });
}

// Compares headers with those of a record, one by one.
struct header_comparison {
  const std::vector<field_view>& with;
  std::size_t at = 0;
  bool same = true;

  void next(const field_view& each) noexcept {
    same = same && at < with.size() && with[at].name == each.name && with[at].value == each.value;
    ++at;
  }
  [[nodiscard]] bool over() const noexcept { return same && at == with.size(); }
};

// Whether a record written of the message would be this one. An id that it does not have would stand before the others of
// ours.
bool says_all(const message& what, const record_view& record) {
  if (!record.payload || (what.id.empty() && what.headers.size() < record.headers.size()))
    return false;
  header_comparison found{record.headers};
  tell_own(what, [&found](const field_view& each) { found.next(each); });
  return found.over();
}

wire_form wire_of(const record_view& record) {
  wire_form result;
  result.payload = record.payload ? wire_form::payload_value::bytes : wire_form::payload_value::null;
  for (const auto& each : record.headers)
    result.headers.push_back({std::string{each.name}, each.value ? std::optional<std::string>{*each.value} : std::nullopt});
  return result;
}

// What the wire form makes of a message, if that is still so; more headers may have been added since.
std::optional<message> as_read(const message& what) {
  if (!what.wire)
    return std::nullopt;
  message read;
  read_headers(what.wire->headers, read);
  const bool same = (read.id.empty() || read.id == what.id) && read.content_type == what.content_type
                    && read.trace == what.trace && read.headers.size() <= what.headers.size()
                    && std::equal(read.headers.begin(), read.headers.end(), what.headers.begin());
  return same ? std::optional{std::move(read)} : std::nullopt;
}

} // namespace

message decode(std::string_view topic, const record_view& record) {
  message result;
  if (record.key)
    result.key.emplace(*record.key);
  result.payload = record.payload.value_or(std::string_view{});
  read_headers(record.headers, result);
  if (!says_all(result, record))
    result.wire = wire_of(record);
  if (result.id.empty())
    result.id = id_of(topic, record);
  return result;
}

void tell_headers(const message& what, const field_taker& to) {
  const auto read = as_read(what);
  if (!read)
    return tell_own(what, to);
  for (const auto& each : what.wire->headers)
    to({each.name, each.value ? std::optional<std::string_view>{*each.value} : std::nullopt});
  if (read->id.empty() && !what.id.empty())
    to({header_name::message_id, what.id});
  for (auto at = read->headers.size(); at < what.headers.size(); ++at)
    if (!is_ours(what.headers[at].name))
      to({what.headers[at].name, what.headers[at].value});
}

header_list encode_headers(const message& what) {
  header_list result;
  tell_headers(what, [&result](const field_view& each) {
    result.push_back({std::string{each.name}, std::string{each.value.value_or(std::string_view{})}});
  });
  return result;
}

std::optional<std::string_view> value_of(const message& what) noexcept {
  if (what.payload.empty() && what.wire && what.wire->payload == wire_form::payload_value::null)
    return std::nullopt;
  return what.payload;
}

std::string id_of(std::string_view topic, const record_view& record) {
  auto result = std::string{topic} + '-' + std::to_string(record.partition) + '-' + std::to_string(record.offset);
  if (record.time)
    result.append("@").append(std::to_string(*record.time));
  return result;
}

} // namespace troupe::kafka
