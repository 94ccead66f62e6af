#pragma once

#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/actors/handler.hpp>

namespace troupe::actors {

/// The decoders of an author's type, by the media type of a message. A value; copied into a handler.
template <class T>
class decoders {
public:
  /// What reads a message's bytes. It fails with `undecodable` and what is wrong with them, and may fail with a transient
  /// error, such as a schema that cannot be fetched now. It must not block.
  using function = std::function<expected<T>(const message&)>;

  /// Registers what reads this media type. Parameters of a message's own (`; charset=utf-8`) and case do not matter.
  decoders& add(std::string_view media_type, function decode) {
    by_type_.insert_or_assign(essence(media_type), std::move(decode));
    return *this;
  }

  /// Registers the decoder of all other messages: of other media types, and without one, as a foreign producer may write
  /// them. Without it they are undecodable.
  decoders& otherwise(function decode) {
    otherwise_ = std::move(decode);
    return *this;
  }

  [[nodiscard]] expected<T> operator()(const message& sent) const {
    const auto found = by_type_.find(essence(sent.content_type));
    const auto& decode = found == by_type_.end() ? otherwise_ : found->second;
    if (!decode)
      return failure{errc::undecodable, "nothing reads messages of the type '" + sent.content_type + "'"};
    return decode(sent);
  }

private:
  static std::string essence(std::string_view media_type) {
    std::string result;
    for (const char each : media_type.substr(0, media_type.find(';')))
      if (each != ' ' && each != '\t')
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
    return result;
  }

  std::map<std::string, function> by_type_;
  function otherwise_;
};

/// A handler of an author's type. What cannot be decoded is rejected with the decoder's reason, and so becomes a dead
/// letter with its bytes unchanged; after a transient failure of the decoder it is retried.
template <class T>
delivery_function decoded(decoders<T> decode, std::function<reply(const T&, const delivery&)> handle) {
  return [decode = std::move(decode), handle = std::move(handle)](const delivery& one) -> reply {
    const auto value = decode(one.content);
    if (value.has_value())
      return handle(*value, one);
    return {is_transient(value.error().code) ? verdict::retry : verdict::reject, value.error()};
  };
}

} // namespace troupe::actors
