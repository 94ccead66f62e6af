#include "codec.hpp"

namespace miniature {

namespace {

constexpr std::string_view no_key = "-";

bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \n") == std::string_view::npos;
}

} // namespace

troupe::expected<std::string> encode(const troupe::message& sent) {
  const auto key = sent.key ? std::string_view{*sent.key} : no_key;
  if (!is_word(sent.id) || !is_word(key) || sent.key == no_key || sent.payload.find('\n') != std::string::npos)
    return troupe::failure{troupe::errc::invalid, "a line cannot carry this id, key or payload"};
  return sent.id + ' ' + std::string{key} + ' ' + sent.payload + '\n';
}

troupe::expected<troupe::message> decode(std::string_view line) {
  const auto after_id = line.find(' ');
  const auto after_key = after_id == std::string_view::npos ? after_id : line.find(' ', after_id + 1);
  if (after_key == std::string_view::npos)
    return troupe::failure{troupe::errc::undecodable, "a line is an id, a key and a payload"};
  troupe::message result;
  const auto key = line.substr(after_id + 1, after_key - after_id - 1);
  result.id = line.substr(0, after_id);
  result.payload = line.substr(after_key + 1);
  if (!is_word(result.id) || !is_word(key) || result.payload.find('\n') != std::string::npos)
    return troupe::failure{troupe::errc::undecodable, "an id and a key are words, a payload is one line"};
  if (key != no_key)
    result.key = key;
  return result;
}

} // namespace miniature
