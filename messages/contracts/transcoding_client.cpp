#include <troupe/messages/contracts/transcoding_client.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include <google/api/httpbody.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/messages/contracts/http_body.hpp>
#include <troupe/messages/contracts/transcoding_escapes.hpp>
#include <troupe/messages/contracts/transcoding_json.hpp>
#include <troupe/messages/contracts/transcoding_path.hpp>
#include <troupe/messages/contracts/transcoding_texts.hpp>

namespace troupe::contracts {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t deepest_answer = 100; // as deep as protobuf reads its binary form

void clear(Message& message, const field_path& path) {
  auto* held = &message;
  for (const auto* const field : std::span{path}.first(path.size() - 1)) {
    if (!held->GetReflection()->HasField(*held, field))
      return;
    held = held->GetReflection()->MutableMessage(held, field);
  }
  held->GetReflection()->ClearField(held, path.back());
}

class request_encoder {
public:
  request_encoder(const rest_route& route, const Message& request) : route_(route), request_(request) {}

  expected<rest_request> encode() {
    rest_request result{&route_, route_.http_method, {}, {}, {}};
    if (result.http_method == "*")
      result.http_method = route_.body == body_content::none ? "GET" : "POST";
    auto path = encode_path(route_.path, request_);
    if (!path)
      return path.error();
    target_ = std::move(*path);
    if (route_.body != body_content::all) {
      field_path none;
      if (auto written = query(request_, none); !written)
        return written.error();
    }
    if (auto written = takes_any_body(route_) ? any_body(result) : json_body(result); !written)
      return written.error();
    result.target = std::move(target_);
    return result;
  }

private:
  [[nodiscard]] bool is_elsewhere(const field_path& path) const {
    return (path.size() == 1 && path.front() == route_.body_field)
           || std::ranges::find(route_.path.captured, path) != route_.path.captured.end();
  }

  expected<void> query(const Message& message, field_path& path) {
    std::vector<const FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    for (const auto* const field : set) {
      path.push_back(field);
      if (!is_elsewhere(path))
        if (auto written = parameter(message, path); !written)
          return written;
      path.pop_back();
    }
    return {};
  }

  expected<void> parameter(const Message& message, field_path& path) {
    const auto& field = *path.back();
    if (!is_leaf(field)) {
      const bool entered =
        !field.is_repeated() && field.type() == FieldDescriptor::TYPE_MESSAGE
        && field.message_type()->well_known_type() == google::protobuf::Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
      if (!entered)
        return failure{errc::invalid, "the field " + to_string(path) + " cannot stand in a query"};
      return query(message.GetReflection()->GetMessage(message, &field), path);
    }
    const auto texts = field_texts(message, field);
    if (!texts)
      return failure{errc::invalid, "the query parameter " + texts.error().reason};
    for (const auto& text : *texts) {
      target_ += std::exchange(has_query_, true) ? '&' : '?';
      target_ += to_string(path) + '=' + encode_path_text(text);
    }
    return {};
  }

  expected<void> any_body(rest_request& into) const {
    const auto body = http_body_in(request_, route_.body_field);
    if (!body)
      return body.error();
    into.body = (*body)->data();
    into.content_type = content_type_of(**body);
    return {};
  }

  expected<void> json_body(rest_request& into) const {
    auto json = this->json();
    if (!json)
      return json.error();
    into.body = std::move(*json);
    if (!into.body.empty())
      into.content_type = "application/json";
    return {};
  }

  [[nodiscard]] expected<std::string> json() const {
    if (route_.body == body_content::none)
      return std::string{};
    if (route_.body == body_content::all && !route_.path.captured.empty()) {
      const std::unique_ptr<Message> rest{request_.New()};
      rest->CopyFrom(request_);
      for (const auto& each : route_.path.captured)
        clear(*rest, each);
      return message_to_json(*rest, {});
    }
    auto whole = message_to_json(request_, {});
    if (!whole || route_.body == body_content::all)
      return whole;
    return std::string{member_of(*whole, json_name_of(*route_.body_field, {}))};
  }

  const rest_route& route_;
  const Message& request_;
  std::string target_;
  bool has_query_ = false;
};

} // namespace

expected<rest_request> encode_request(const std::vector<rest_route>& routes, const Message& request) {
  failure first{errc::unsupported, "there is no route"};
  for (const auto& route : routes) {
    auto encoded = request_encoder{route, request}.encode();
    if (encoded)
      return encoded;
    if (first.code == errc::unsupported)
      first = std::move(encoded).error();
  }
  return first;
}

expected<void> decode_answer(const rest_route& route, const body_view& received, Message& answer) {
  if (answers_any_body(route)) {
    if (const auto set = set_http_body(answer, route.response_body, received); !set)
      return failure{errc::internal, set.error().reason};
    return {};
  }
  const auto body = received.bytes;
  if (body.empty())
    return {};
  if (const auto checked = check_json(body, deepest_answer); !checked)
    return failure{errc::internal, checked.error().reason};
  std::string object;
  if (route.response_body != nullptr) {
    object = "{\"" + route.response_body->name() + "\":";
    object.append(body).append("}");
  }
  // The parser's words would quote the answer.
  if (!json_to_message(object.empty() ? body : object, answer, unknown_fields::ignored))
    return failure{errc::internal, "the body is no " + answer.GetDescriptor()->full_name()};
  return {};
}

} // namespace troupe::contracts
