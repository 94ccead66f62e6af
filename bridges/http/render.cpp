#include <troupe/bridges/http/render.hpp>

#include <array>
#include <charconv>

namespace troupe::http {

namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value)
    out += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
  out += "\r\n";
}

void append_status_line(std::string& out, unsigned status) {
  // An HTTP/1.0 client is answered with the version of the server too (RFC 9110, section 2.5).
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

void append_connection(std::string& out, const answer_frame& frame) {
  if (frame.connection == persistence::close)
    out += "Connection: close\r\n";
  else if (frame.version == 10)
    out += "Connection: keep-alive\r\n";
}

} // namespace

std::string http_date(timestamp at) {
  constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  std::string out{weekdays[std::chrono::weekday{day}.c_encoding()]};
  out += ", ";
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out += ' ';
  out += months[static_cast<unsigned>(date.month()) - 1];
  out += ' ';
  append_number(out, static_cast<std::uint64_t>(static_cast<int>(date.year())));
  out += ' ';
  append_two_digits(out, static_cast<unsigned>(time.hours().count()));
  out += ':';
  append_two_digits(out, static_cast<unsigned>(time.minutes().count()));
  out += ':';
  append_two_digits(out, static_cast<unsigned>(time.seconds().count()));
  out += " GMT";
  return out;
}

void append_answer(std::string& out, const response& answer, const answer_frame& frame) {
  append_status_line(out, answer.status);
  out += frame.further_lines;
  if (!answer.content_type.empty() && answer.status != 204)
    append_line(out, "Content-Type", answer.content_type);
  const bool bodiless = answer.status == 204 || answer.status == 304;
  if (!bodiless) {
    out += "Content-Length: ";
    append_number(out, answer.content().size());
    out += "\r\n";
  }
  for (const auto& each : answer.headers)
    append_line(out, each.name, each.value);
  if (const auto id = answer.request_id.empty() ? frame.request_id : std::string_view{answer.request_id}; !id.empty())
    append_line(out, "x-request-id", id);
  append_connection(out, frame);
  out += "\r\n";
  if (!bodiless && frame.verb != method::head)
    out += answer.content();
}

void append_stream_head(std::string& out, std::string_view content_type, const answer_frame& frame) {
  append_status_line(out, 200);
  out += frame.further_lines;
  append_line(out, "Content-Type", content_type);
  out += "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
}

void append_event(std::string& out, std::string_view name, std::string_view id, std::string_view data) {
  append_line(out, "event", name);
  append_line(out, "id", id);
  while (true) {
    const auto line = data.substr(0, data.find('\n'));
    append_line(out, "data", line);
    if (line.size() == data.size())
      break;
    data.remove_prefix(line.size() + 1);
  }
  out += "\r\n";
}

} // namespace troupe::http
