#include <troupe/deploy/host/code_part.hpp>

#include <algorithm>

#include <google/protobuf/descriptor.h>

#include <troupe/messages/settings/text.hpp>

namespace troupe::host {

setting_source said_by(const service_code& code) {
  return {setting_source::kind::code, {}, "service " + code.name};
}

service_uses code_part::uses() const {
  service_uses result;
  result.answers = code_ == nullptr || !code_->serves.empty();
  if (code_ == nullptr)
    return result;
  result.stores = !code_->stores.empty();
  for (const auto& call : code_->calls)
    if (std::ranges::find(result.calls, call.service, &called_service::name) == result.calls.end())
      result.calls.push_back({call.service, said_by(*code_)});
  for (const auto& to : code_->publishes)
    if (std::ranges::find(result.publishes, to.channel, &used_channel::name) == result.publishes.end())
      result.publishes.push_back({to.channel, said_by(*code_)});
  return result;
}

std::vector<code_actor> code_part::actors() const {
  std::vector<code_actor> result;
  if (code_ == nullptr)
    return result;
  std::string calls;
  for (const auto& call : uses().calls)
    calls += (calls.empty() ? ", calls " : ", ") + call.name;
  for (const auto& one : code_->serves)
    result.push_back({one.contract->full_name(), "contract" + calls});
  for (std::size_t i = 0; i != code_->timers.size(); ++i)
    result.push_back({"timer" + (i == 0 ? std::string{} : '-' + std::to_string(i + 1)),
                      "timer, every " + settings::text_form<duration>::print(code_->timers[i].every) + calls});
  return result;
}

} // namespace troupe::host
