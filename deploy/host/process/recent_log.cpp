#include <troupe/deploy/host/process/recent_log.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/bridges/http/problem.hpp>
#include <troupe/bridges/http/target.hpp>
#include <troupe/messages/values/headers.hpp>

namespace troupe::host {

namespace {

constexpr std::int64_t most_lines = 2000;

// Reads parameters of a query, of which the first that is wrong is kept.
class query_reader {
public:
  explicit query_reader(std::string_view query) : query_(query) {}

  std::string text(std::string_view name) { return given(name).value_or(std::string{}); }

  std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const auto text = given(name);
    const auto value = text ? http::parse_number(*text, most) : expected<std::int64_t>{otherwise};
    if (value && *value >= least)
      return *value;
    refuse(
      {errc::invalid, std::string{name} + " is a number from " + std::to_string(least) + " to " + std::to_string(most)});
    return otherwise;
  }

  telemetry::log_level level(std::string_view name) {
    const auto text = given(name);
    const auto value = text ? telemetry::parse_level(*text) : expected<telemetry::log_level>{telemetry::log_level::trace};
    if (value)
      return *value;
    refuse(value.error());
    return telemetry::log_level::trace;
  }

  [[nodiscard]] const std::optional<failure>& mistake() const noexcept { return mistake_; }

private:
  // An empty one is none.
  std::optional<std::string> given(std::string_view name) {
    auto value = http::query_value(query_, name);
    if (!value)
      refuse(value.error());
    return value && *value && !(*value)->empty() ? std::move(*value) : std::nullopt;
  }

  void refuse(failure why) {
    if (!mistake_)
      mistake_ = std::move(why);
  }

  std::string_view query_;
  std::optional<failure> mistake_;
};

expected<telemetry::log_wish> wish_of(std::string_view query) {
  query_reader from{query};
  const auto after = from.number("after", 0, 0, std::numeric_limits<std::int64_t>::max());
  const auto limit = from.number("limit", 500, 1, most_lines);
  telemetry::log_wish wish{static_cast<std::uint64_t>(after), from.text("service"), lower_case(from.text("trace")),
                           from.level("level"), static_cast<std::size_t>(limit)};
  if (from.mistake())
    return *from.mistake();
  return wish;
}

} // namespace

http::route log_route(std::shared_ptr<const telemetry::telemetry> from) {
  const http::handler list = [from = std::move(from)](const http::request& asked) {
    const auto wish = wish_of(asked.query);
    if (!wish)
      return http::problem(wish.error(), asked.request_id);
    http::response result{200, http::media_type::json, from->recent_log().list(*wish), {}, {}};
    result.headers.push_back({"Cache-Control", "no-store"});
    return result;
  };
  return {"/logs", {http::method::get}, list};
}

} // namespace troupe::host
