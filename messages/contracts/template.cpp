#include <troupe/messages/contracts/template.hpp>

#include <algorithm>
#include <optional>

#include <troupe/messages/contracts/transcoding_escapes.hpp>

namespace troupe::contracts {

namespace {

bool begins_identifier(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_identifier(char c) noexcept {
  return begins_identifier(c) || (c >= '0' && c <= '9');
}

/// RFC 3986's `pchar` without the star, which is a wildcard here.
bool may_stand_in_literal(char c) noexcept {
  return continues_identifier(c) || (c != '\0' && std::string_view{"-.~%!$&'()+,;=:@"}.find(c) != std::string_view::npos);
}

class template_reader {
public:
  explicit template_reader(std::string_view text) : text_(text) {}

  expected<path_template> read() {
    cut_verb();
    if (!take('/'))
      return mistake("begins with no slash");
    if (auto wrong = read_segments(inside::template_text))
      return *wrong;
    if (at_ != end_)
      return mistake("has an unexpected character");
    if (auto wrong = read_verb())
      return *wrong;
    if (auto wrong = check_rest())
      return *wrong;
    return std::move(result_);
  }

private:
  enum class inside { template_text, variable };
  using complaint = std::optional<failure>;

  /// A verb stands behind the last colon of the last segment, and outside of a variable.
  void cut_verb() {
    const auto colon = text_.rfind(':');
    const auto before = text_.find_last_of("/}");
    has_verb_ = colon != std::string_view::npos && (before == std::string_view::npos || before < colon);
    end_ = has_verb_ ? colon : text_.size();
  }

  complaint read_segments(inside where) {
    do {
      if (auto wrong = read_segment(where))
        return wrong;
    } while (take('/'));
    return {};
  }

  complaint read_segment(inside where) {
    if (take('{'))
      return where == inside::variable ? mistake("has a variable within a variable") : read_variable();
    if (take('*')) {
      result_.segments.push_back({take('*') ? path_segment::form::rest : path_segment::form::one, {}});
      return {};
    }
    auto literal = read_literal();
    if (!literal)
      return literal.error();
    result_.segments.push_back({path_segment::form::literal, std::move(*literal)});
    return {};
  }

  complaint read_variable() {
    path_variable variable;
    do {
      const auto first = at_;
      while (at_ < end_ && (at_ == first ? begins_identifier(text_[at_]) : continues_identifier(text_[at_])))
        ++at_;
      if (at_ == first)
        return mistake("has a variable without the name of a field");
      variable.field_path.append(variable.field_path.empty() ? "" : ".").append(text_.substr(first, at_ - first));
    } while (take('.'));
    variable.first = result_.segments.size();
    if (!take('='))
      result_.segments.push_back({path_segment::form::one, {}});
    else if (auto wrong = read_segments(inside::variable))
      return wrong;
    if (!take('}'))
      return mistake("has a variable that is not closed");
    variable.count = result_.segments.size() - variable.first;
    result_.variables.push_back(std::move(variable));
    return {};
  }

  expected<std::string> read_literal() {
    const auto first = at_;
    while (at_ < end_ && may_stand_in_literal(text_[at_]))
      ++at_;
    if (at_ == first)
      return mistake(at_ == end_ || text_[at_] == '/' ? "has an empty segment" : "has an unexpected character");
    auto literal = decode_path_text(text_.substr(first, at_ - first), escaped_slash::resolved);
    if (!literal)
      return mistake("has a malformed percent escape");
    return literal;
  }

  complaint read_verb() {
    if (!has_verb_)
      return {};
    at_ = end_ + 1;
    end_ = text_.size();
    if (at_ == end_)
      return mistake("has an empty verb");
    auto verb = read_literal();
    if (!verb)
      return verb.error();
    if (at_ != end_)
      return mistake("has an unexpected character");
    result_.verb = std::move(*verb);
    return {};
  }

  complaint check_rest() const {
    const auto& segments = result_.segments;
    const auto is_rest = [](const path_segment& each) { return each.is == path_segment::form::rest; };
    if (std::any_of(segments.begin(), segments.end() - 1, is_rest))
      return failure{errc::invalid, "has a ** that is not its last segment"};
    return {};
  }

  bool take(char expected_character) {
    if (at_ >= end_ || text_[at_] != expected_character)
      return false;
    ++at_;
    return true;
  }

  failure mistake(std::string_view reason) const {
    return {errc::invalid, std::string{reason} + " at character " + std::to_string(at_ + 1)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t end_ = 0; // of what is read now: before the verb
  bool has_verb_ = false;
  path_template result_;
};

} // namespace

const path_variable* path_template::variable_at(std::size_t segment) const noexcept {
  const auto found = std::ranges::find_if(
    variables, [&](const path_variable& each) { return segment >= each.first && segment < each.first + each.count; });
  return found == variables.end() ? nullptr : &*found;
}

bool path_template::takes_several(const path_variable& variable) const {
  return variable.count != 1 || segments[variable.first].is == path_segment::form::rest;
}

std::string path_template::shape() const {
  std::string result;
  for (const auto& segment : segments) {
    result += '/';
    if (segment.is == path_segment::form::literal)
      result += encode_path_text(segment.text);
    else
      result += segment.is == path_segment::form::one ? "*" : "**";
  }
  return verb.empty() ? result : result + ':' + encode_path_text(verb);
}

expected<path_template> parse_template(std::string_view text) {
  return template_reader{text}.read();
}

} // namespace troupe::contracts
