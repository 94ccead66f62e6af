#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <boost/core/demangle.hpp>
#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11/algorithm.hpp>

#include <troupe/messages/contracts/codec.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/utf8.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe {

/// A struct whose members Boost.Describe knows:
///
///     struct reading {
///       std::string sensor;
///       double celsius = 0;
///     };
///     BOOST_DESCRIBE_STRUCT(reading, (), (sensor, celsius))
template <class T>
concept described_struct =
  std::is_class_v<T> && std::default_initializable<T> && boost::describe::has_describe_members<T>::value;

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

namespace described {

/// What stands at a path of a document and cannot be read, or in a value and cannot be written.
class misfit : public std::runtime_error {
public:
  explicit misfit(const std::string& problem) : std::runtime_error(problem) {}
  misfit(const std::string& outer, const misfit& inner)
    : std::runtime_error(outer + (inner.at_path_ ? inner.what()[0] == '[' ? "" : "." : ": ") + inner.what()),
      at_path_(true) {}

private:
  bool at_path_ = false;
};

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
boost::json::value write(const T& value);

template <described_struct T>
boost::json::object write_members(const T& value) {
  boost::json::object result;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    const auto& one = value.*member.pointer;
    if constexpr (is_optional<std::decay_t<decltype(one)>>) {
      if (!one)
        return; // left out
    }
    try {
      result[member.name] = write(one);
    } catch (const misfit& inner) {
      throw misfit{member.name, inner};
    }
  });
  return result;
}

template <described_enum T>
boost::json::value write_name(T value) {
  const char* name = nullptr;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
    if (one.value == value && name == nullptr)
      name = one.name;
  });
  if (name == nullptr)
    throw misfit{"the value is none of the names of its type"};
  return name;
}

template <class T>
boost::json::value write(const T& value) {
  if constexpr (std::same_as<T, bool>) {
    return value;
  } else if constexpr (std::integral<T>) {
    return boost::json::value_from(value);
  } else if constexpr (std::floating_point<T>) {
    if (!std::isfinite(value))
      throw misfit{"JSON has no such number"};
    return static_cast<double>(value);
  } else if constexpr (std::same_as<T, std::string>) {
    if (!is_utf8(value))
      throw misfit{"the text is not UTF-8"};
    return boost::json::value(value);
  } else if constexpr (std::same_as<T, timestamp>) {
    return boost::json::value(to_rfc3339(value));
  } else if constexpr (is_optional<T>) {
    return value ? write(*value) : boost::json::value{};
  } else if constexpr (is_list<T>) {
    boost::json::array result;
    for (std::size_t i = 0; i != value.size(); ++i) {
      try {
        result.push_back(write<typename T::value_type>(value[i]));
      } catch (const misfit& inner) {
        throw misfit{'[' + std::to_string(i) + ']', inner};
      }
    }
    return result;
  } else if constexpr (is_map<T>) {
    boost::json::object result;
    for (const auto& [key, one] : value)
      result[key] = write(one);
    return result;
  } else if constexpr (described_enum<T>) {
    return write_name(value);
  } else {
    static_assert(described_struct<T>, "a member has a type that has no form in JSON: describe it, or write a codec");
    return write_members(value);
  }
}

template <class T>
T read(const boost::json::value& from);

template <described_struct T>
T read_members(const boost::json::object& from) {
  T result{};
  std::size_t known = 0;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    const auto* const given = from.if_contains(member.name);
    if (given == nullptr)
      return; // as the type has it
    ++known;
    auto& into = result.*member.pointer;
    try {
      into = read<std::decay_t<decltype(into)>>(*given);
    } catch (const misfit& inner) {
      throw misfit{member.name, inner};
    }
  });
  if (known == from.size())
    return result;
  for (const auto& each : from) {
    bool is_known = false;
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) { is_known = is_known || each.key() == member.name; });
    if (!is_known)
      throw misfit{"there is no member \"" + visible(each.key()) + '"'};
  }
  return result;
}

template <std::integral T>
T read_number(const boost::json::value& from) {
  const auto problem = [] {
    return misfit{"expected a whole number of " + std::to_string(std::numeric_limits<T>::min()) + " to "
                  + std::to_string(std::numeric_limits<T>::max())};
  };
  if (const auto* const whole = from.if_int64(); whole != nullptr && std::in_range<T>(*whole))
    return static_cast<T>(*whole);
  if (const auto* const whole = from.if_uint64(); whole != nullptr && std::in_range<T>(*whole))
    return static_cast<T>(*whole);
  throw problem();
}

template <described_enum T>
T read_name(const boost::json::value& from) {
  std::optional<T> result;
  std::string names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
    names += (names.empty() ? "" : ", ") + std::string{one.name};
    if (from.is_string() && from.get_string() == one.name)
      result = one.value;
  });
  if (!result)
    throw misfit{"expected one of " + names};
  return *result;
}

template <class T>
T read(const boost::json::value& from) {
  if constexpr (std::same_as<T, bool>) {
    if (!from.is_bool())
      throw misfit{"expected true or false"};
    return from.get_bool();
  } else if constexpr (std::integral<T>) {
    return read_number<T>(from);
  } else if constexpr (std::floating_point<T>) {
    if (!from.is_number())
      throw misfit{"expected a number"};
    return from.to_number<T>();
  } else if constexpr (std::same_as<T, std::string>) {
    if (!from.is_string())
      throw misfit{"expected a text"};
    return std::string{from.get_string()};
  } else if constexpr (std::same_as<T, timestamp>) {
    const auto time =
      from.is_string() ? parse_timestamp(from.get_string()) : expected<timestamp>{failure{errc::invalid, {}}};
    if (time.has_error())
      throw misfit{"expected a time as of RFC 3339"};
    return *time;
  } else if constexpr (is_optional<T>) {
    return from.is_null() ? T{} : T{read<typename T::value_type>(from)};
  } else if constexpr (is_list<T>) {
    if (!from.is_array())
      throw misfit{"expected a list"};
    T result;
    for (const auto& each : from.get_array()) {
      try {
        result.push_back(read<typename T::value_type>(each));
      } catch (const misfit& inner) {
        throw misfit{'[' + std::to_string(result.size()) + ']', inner};
      }
    }
    return result;
  } else if constexpr (is_map<T>) {
    if (!from.is_object())
      throw misfit{"expected a map"};
    T result;
    for (const auto& each : from.get_object())
      result.emplace(each.key(), read<typename T::mapped_type>(each.value()));
    return result;
  } else if constexpr (described_enum<T>) {
    return read_name<T>(from);
  } else {
    static_assert(described_struct<T>, "a member has a type that has no form in JSON: describe it, or write a codec");
    if (!from.is_object())
      throw misfit{"expected a map"};
    return read_members<T>(from.get_object());
  }
}

} // namespace described

/// A described struct is JSON: a map of its public members, by their names. Members are bools, numbers, texts in UTF-8,
/// `timestamp`s, described enums by their names, described structs, `std::vector`s, `std::map`s from texts and
/// `std::optional`s, which are left out while they are empty. A member that a document lacks is as a new value of the type
/// has it; one that the type lacks makes the document `undecodable`, with its path. Any thread.
template <described_struct T>
struct codec<T> {
  static std::string name() { return boost::core::demangle(typeid(T).name()); }

  static expected<encoded_value> encode(const T& value, std::string_view media_type) {
    if (!media_type.empty() && media_type != contracts::json_media_type)
      return failure{errc::unsupported, name() + " is not written as " + visible(media_type)};
    try {
      return encoded_value{std::string{contracts::json_media_type}, boost::json::serialize(described::write(value))};
    } catch (const described::misfit& problem) {
      return failure{errc::rejected, std::string{"this cannot be written: "} + problem.what()};
    }
  }

  static expected<T> decode(const message& received) {
    const auto type = std::string_view{received.content_type}.substr(0, received.content_type.find(';'));
    if (!type.empty() && type != contracts::json_media_type)
      return undecodable(visible(received.content_type) + " is not read");
    boost::system::error_code error;
    const auto parsed = boost::json::parse(received.payload, error);
    if (error)
      return undecodable(error.message());
    try {
      return described::read<T>(parsed);
    } catch (const described::misfit& problem) {
      return undecodable(problem.what());
    }
  }

private:
  static failure undecodable(const std::string& reason) {
    return {errc::undecodable, "this is no " + name() + ": " + reason};
  }
};

} // namespace troupe
