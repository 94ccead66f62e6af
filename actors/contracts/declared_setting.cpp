#include <troupe/actors/contracts/declared_setting.hpp>

namespace troupe::settings {

declared_setting declare_secret(std::string_view name, declared_setting::need of_secret, std::string_view reason,
                                source_location where) {
  declared_setting result;
  result.name = name;
  result.of_secret = of_secret;
  result.allowed = kept_here::expected();
  if (of_secret == declared_setting::need::optional)
    result.standard = "none";
  result.reason = reason;
  result.where = where;
  result.read = [](const std::string& text) -> std::optional<std::string> {
    const auto kept = text_form<secret_reference>::read(text);
    if (!kept || !kept_here::allows(*kept))
      return std::nullopt;
    return print(anything{}, *kept);
  };
  result.expected = [allowed = result.allowed](const std::string& /*text*/) { return allowed; };
  return result;
}

} // namespace troupe::settings
