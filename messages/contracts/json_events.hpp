#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

namespace troupe::contracts {

/// Takes the events of `boost::json::basic_parser`, and keeps nothing. Its names, its bounds and its results are those that
/// the parser asks for; a handler hides the events that it looks at.
struct json_events {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using code = boost::json::error_code;
  using text = boost::json::string_view;

  bool on_document_begin(code& /*failed*/) { return true; }
  bool on_document_end(code& /*failed*/) { return true; }
  bool on_object_begin(code& /*failed*/) { return true; }
  bool on_object_end(std::size_t /*count*/, code& /*failed*/) { return true; }
  bool on_array_begin(code& /*failed*/) { return true; }
  bool on_array_end(std::size_t /*count*/, code& /*failed*/) { return true; }
  bool on_key_part(text /*part*/, std::size_t /*total*/, code& /*failed*/) { return true; }
  bool on_key(text /*part*/, std::size_t /*total*/, code& /*failed*/) { return true; }
  bool on_string_part(text /*part*/, std::size_t /*total*/, code& /*failed*/) { return true; }
  bool on_string(text /*part*/, std::size_t /*total*/, code& /*failed*/) { return true; }
  bool on_number_part(text /*part*/, code& /*failed*/) { return true; }
  bool on_int64(std::int64_t /*value*/, text /*part*/, code& /*failed*/) { return true; }
  bool on_uint64(std::uint64_t /*value*/, text /*part*/, code& /*failed*/) { return true; }
  bool on_double(double /*value*/, text /*part*/, code& /*failed*/) { return true; }
  bool on_bool(bool /*value*/, code& /*failed*/) { return true; }
  bool on_null(code& /*failed*/) { return true; }
  bool on_comment_part(text /*part*/, code& /*failed*/) { return true; }
  bool on_comment(text /*part*/, code& /*failed*/) { return true; }
};

} // namespace troupe::contracts
