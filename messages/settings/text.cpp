#include <troupe/messages/settings/text.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>

#include <arpa/inet.h>

#include <troupe/messages/values/json.hpp>
#include <troupe/messages/values/utf8.hpp>

namespace troupe::settings {

namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || text.empty() || text.front() == '-')
    return std::nullopt;
  return value;
}

struct unit {
  std::string_view name;
  std::uint64_t size;
};

/// From the largest; a value is printed in the largest unit that divides it.
constexpr std::array duration_units{unit{"d", 86'400'000'000'000},
                                    unit{"h", 3'600'000'000'000},
                                    unit{"min", 60'000'000'000},
                                    unit{"s", 1'000'000'000},
                                    unit{"ms", 1'000'000},
                                    unit{"us", 1'000},
                                    unit{"ns", 1}};
constexpr std::array size_units{unit{"TiB", std::uint64_t{1} << 40U}, unit{"GiB", std::uint64_t{1} << 30U},
                                unit{"MiB", std::uint64_t{1} << 20U}, unit{"KiB", std::uint64_t{1} << 10U}, unit{"B", 1}};

template <class Units>
std::optional<std::uint64_t> quantity(std::string_view text, const Units& units) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = number<std::uint64_t>(text.substr(0, digits));
  const auto found = std::ranges::find(units, text.substr(digits), &unit::name);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (!count || found == units.end() || *count > most / found->size)
    return std::nullopt;
  return *count * found->size;
}

template <class Units>
std::string in_units(std::uint64_t value, const Units& units, std::string_view zero) {
  if (value == 0)
    return std::string{zero};
  const auto largest = std::ranges::find_if(units, [value](const unit& one) { return value % one.size == 0; });
  return std::to_string(value / largest->size) + std::string{largest->name};
}

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(family, text.c_str(), ignored.data()) == 1;
}

} // namespace

std::string text_form<std::string>::print(const std::string& value) {
  std::string result;
  append_json_string(result, value);
  return result;
}

std::optional<std::uint64_t> text_form<std::uint64_t>::read(std::string_view text) {
  return number<std::uint64_t>(text);
}

std::optional<double> text_form<double>::read(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') // neither "inf" nor "nan"
    return std::nullopt;
  return number<double>(text);
}

std::string text_form<double>::print(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::optional<duration> text_form<duration>::read(std::string_view text) {
  const auto nanoseconds = quantity(text, duration_units);
  if (!nanoseconds)
    return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(*nanoseconds)};
}

std::string text_form<duration>::print(duration value) {
  return in_units(static_cast<std::uint64_t>(std::chrono::nanoseconds{value}.count()), duration_units, "0s");
}

std::optional<byte_size> text_form<byte_size>::read(std::string_view text) {
  const auto bytes = quantity(text, size_units);
  return bytes ? std::optional{byte_size{*bytes}} : std::nullopt;
}

std::string text_form<byte_size>::print(byte_size value) {
  return in_units(value.bytes, size_units, "0B");
}

std::optional<endpoint> text_form<endpoint>::read(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto port = number<std::uint16_t>(text.substr(colon + 1));
  if (!port)
    return std::nullopt;
  std::string address{text.substr(0, colon)};
  if (address.empty())
    return endpoint{std::string{every_address}, *port};
  if (address == "localhost")
    return endpoint{"127.0.0.1", *port};
  if (is_address(AF_INET, address))
    return endpoint{std::move(address), *port};
  if (address.front() != '[' || address.back() != ']')
    return std::nullopt;
  address = address.substr(1, address.size() - 2);
  return is_address(AF_INET6, address) ? std::optional{endpoint{std::move(address), *port}} : std::nullopt;
}

std::optional<secret_reference> text_form<secret_reference>::read(std::string_view text) {
  auto read = parse_secret_reference(text);
  return read.has_value() ? std::optional{std::move(*read)} : std::nullopt;
}

bool is_short_text(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 1024 && is_utf8(text);
}

} // namespace troupe::settings
