#include <troupe/bridges/kafka/codec.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace troupe::kafka {

namespace {

bool is_ours(std::string_view name) noexcept {
  return same_header_name(name, header_name::message_id) || same_header_name(name, content_type_header)
         || is_trace_header(name);
}

// Reads headers into a message. Of Troupe's headers that are repeated the last one counts.
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

// Whether a header was null when it was read, and is still empty.
bool was_null(const message& content, const header& which) noexcept {
  return which.value.empty() && content.wire
         && std::any_of(content.wire->headers.begin(), content.wire->headers.end(),
                        [&which](const wire_form::field& each) { return !each.value && each.name == which.name; });
}

void visit_own(const message& content, const field_visitor& visit) {
  for (const auto& each : content.headers)
    if (!is_ours(each.name))
      visit({each.name, was_null(content, each) ? std::nullopt : std::optional<std::string_view>{each.value}});
  if (!content.id.empty())
    visit({header_name::message_id, content.id});
  if (!content.content_type.empty())
    visit({content_type_header, content.content_type});
  tell_headers(content.trace, [&visit](const header_view& each) { visit({each.name, each.value}); });
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

// Whether a record written from the message would have these headers. One without an id would get it before the other
// headers of Troupe.
bool is_complete(const message& content, const record_view& record) {
  if (!record.payload || (content.id.empty() && content.headers.size() < record.headers.size()))
    return false;
  header_comparison found{record.headers};
  visit_own(content, [&found](const field_view& each) { found.next(each); });
  return found.over();
}

wire_form wire_of(const record_view& record) {
  wire_form result;
  result.payload = record.payload ? wire_form::payload_value::bytes : wire_form::payload_value::null;
  for (const auto& each : record.headers)
    result.headers.push_back({std::string{each.name}, each.value ? std::optional<std::string>{*each.value} : std::nullopt});
  return result;
}

// The message as it was read from its wire form, if it is unchanged except for added headers.
std::optional<message> as_read(const message& content) {
  if (!content.wire)
    return std::nullopt;
  message read;
  read_headers(content.wire->headers, read);
  const bool same = (read.id.empty() || read.id == content.id) && read.content_type == content.content_type
                    && read.trace == content.trace && read.headers.size() <= content.headers.size()
                    && std::equal(read.headers.begin(), read.headers.end(), content.headers.begin());
  return same ? std::optional{std::move(read)} : std::nullopt;
}

} // namespace

message decode(std::string_view topic, const record_view& record) {
  message result;
  if (record.key)
    result.key.emplace(*record.key);
  result.payload = record.payload.value_or(std::string_view{});
  if (record.time)
    result.published_at = since_epoch<std::chrono::milliseconds>(*record.time);
  read_headers(record.headers, result);
  if (!is_complete(result, record))
    result.wire = wire_of(record);
  if (result.id.empty())
    result.id = id_of(topic, record);
  return result;
}

void visit_headers(const message& content, const field_visitor& visit) {
  const auto read = as_read(content);
  if (!read)
    return visit_own(content, visit);
  for (const auto& each : content.wire->headers)
    visit({each.name, each.value ? std::optional<std::string_view>{*each.value} : std::nullopt});
  if (read->id.empty() && !content.id.empty())
    visit({header_name::message_id, content.id});
  for (auto at = read->headers.size(); at < content.headers.size(); ++at)
    if (!is_ours(content.headers[at].name))
      visit({content.headers[at].name, content.headers[at].value});
}

std::optional<std::string_view> value_of(const message& content) noexcept {
  if (content.payload.empty() && content.wire && content.wire->payload == wire_form::payload_value::null)
    return std::nullopt;
  return content.payload;
}

std::string id_of(std::string_view topic, const record_view& record) {
  auto result = std::string{topic} + '-' + std::to_string(record.partition) + '-' + std::to_string(record.offset);
  if (record.time)
    result.append("@").append(std::to_string(*record.time));
  return result;
}

} // namespace troupe::kafka
