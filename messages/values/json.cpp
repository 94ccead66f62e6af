// What is written. json_read.cpp holds the readers.
#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/utf8.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <troupe/messages/values/visible_text.hpp>

namespace troupe {

namespace {

// RFC 8259, section 7: what a string may not hold as it is, and DEL. 0 is plain, 'u' needs the long form, 8 begins a UTF-8
// sequence.
constexpr std::array<char, 256> escapes = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c)
    table[c] = 'u';
  table[0x7f] = 'u';
  for (std::size_t c = 0x80; c < 0x100; ++c)
    table[c] = 8;
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}();

void append_member(std::string& out, std::string_view key, std::string_view value) {
  if (out.back() != '{')
    out += ',';
  out += '"';
  out += key;
  out += "\":";
  append_json_string(out, value);
}

void append_number(std::string& out, std::string_view key, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out += ",\"";
  out += key;
  out += "\":";
  out.append(digits.data(), end);
}

/// Room for the keys, the punctuation and the time.
constexpr std::size_t frame = 112;

std::size_t size_hint(const greeting& value) noexcept {
  return frame + value.id.size() + value.service.size() + value.message.size() + value.hostname.size();
}

std::size_t size_hint(const std::vector<greeting>& greetings) noexcept {
  std::size_t total = 0;
  for (const auto& each : greetings)
    total += size_hint(each);
  return total;
}

void append_greeting(std::string& out, const greeting& value, document_form form = document_form::http) {
  out += '{';
  if (!value.id.empty())
    append_member(out, "id", value.id);
  if (!value.service.empty())
    append_member(out, "service", value.service);
  if (!value.message.empty())
    append_member(out, "message", value.message);
  append_member(out, "created", form == document_form::grpc ? to_go_string(value.created) : to_rfc3339(value.created));
  if (!value.hostname.empty())
    append_member(out, "hostname", value.hostname);
  out += '}';
}

void append_greetings(std::string& out, const std::vector<greeting>& greetings) {
  out += '[';
  bool first = true;
  for (const auto& each : greetings) {
    if (!std::exchange(first, false))
      out += ',';
    append_greeting(out, each);
  }
  out += ']';
}

void append_tree(std::string& out, const supervision_tree& tree) {
  out += '{';
  append_member(out, "name", tree.name);
  append_member(out, "state", to_string(tree.state));
  out += tree.supervises ? ",\"supervises\":true" : ",\"supervises\":false";
  append_number(out, "incarnation", tree.incarnation);
  append_number(out, "restarts", tree.restarts);
  append_number(out, "mailbox", tree.mailbox);
  if (!tree.last_error.empty())
    append_member(out, "last_error", tree.last_error);
  if (!tree.held_up_by.empty())
    append_member(out, "held_up_by", tree.held_up_by);
  append_member(out, "since", to_rfc3339(tree.since));
  out += ",\"children\":[";
  bool first = true;
  for (const auto& child : tree.children) {
    if (!std::exchange(first, false))
      out += ',';
    append_tree(out, child);
  }
  out += "]}";
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0; // where the run that needs no escape began
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    const auto escape = escapes[c];
    if (escape == 0) {
      ++at;
      continue;
    }
    const auto next = escape == 8 ? first_code_point(text.substr(at)) : code_point{c, 1, true};
    if (escape == 8 && next.valid && !is_unseen(next.value)) {
      at += next.length;
      continue;
    }
    out.append(text, plain, at - plain);
    if (!next.valid)
      out += "\xef\xbf\xbd"; // U+FFFD for a maximal subpart
    else if (escape == 8 || escape == 'u')
      append_json_escape(out, next.value);
    else
      out.append({'\\', escape});
    at += next.length;
    plain = at;
  }
  out.append(text, plain, at - plain);
  out += '"';
}

std::string greetings_to_json(const std::vector<greeting>& greetings) {
  std::string out;
  out.reserve(size_hint(greetings) + 3);
  append_greetings(out, greetings);
  out += '\n';
  return out;
}

std::string gateway_to_json(const std::vector<greeting>& greetings) {
  std::string out;
  out.reserve(size_hint(greetings) + 16);
  out += "{\"greeting\":";
  append_greetings(out, greetings);
  out += '}';
  return out;
}

std::string to_json(const greeting& value, document_form form) {
  std::string out;
  out.reserve(size_hint(value));
  append_greeting(out, value, form);
  return out;
}

std::string to_json(const supervision_tree& tree) {
  std::string out;
  append_tree(out, tree);
  return out;
}

document to_document(const greeting& value, std::string database, std::string collection, document_form form) {
  std::string body;
  body.reserve(size_hint(value) + 16);
  body += '{';
  append_member(body, "id", value.id);
  append_member(body, form == document_form::http ? "servicename" : "service", value.service);
  append_member(body, "message", value.message);
  if (form == document_form::http) {
    // A BSON date holds milliseconds, and relaxed extended JSON says no more than it can hold.
    body += R"(,"createdat":{)";
    append_member(body, "$date", to_rfc3339(value.created, precision::milliseconds));
    body += '}';
  } else {
    append_member(body, "created", to_go_string(value.created));
  }
  if (!value.hostname.empty())
    append_member(body, "hostname", value.hostname);
  body += '}';
  return {std::move(database), std::move(collection), value.id, std::move(body)};
}

} // namespace troupe
