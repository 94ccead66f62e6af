#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <amqp.h>
#include <amqp_framing.h>

#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/queue.hpp>

namespace troupe::amqp {

/// The library's bytes of a text, which must outlive them.
amqp_bytes_t bytes_of(std::string_view text) noexcept;
std::string_view text_of(const amqp_bytes_t& bytes) noexcept;

/// An entry of a table that is text, likewise.
amqp_table_entry_t entry_of(std::string_view name, std::string_view text) noexcept;

/// The text of a scalar; nothing for tables, lists and the like. Numbers are kept in `numbers`, which must not lose them.
std::optional<std::string_view> scalar_text(const amqp_field_value_t& value, std::deque<std::string>& numbers);

/// A message, without its payload, out of the library's memory.
received received_of(const amqp_basic_properties_t& properties);

/// The arguments of a declaration. They show into `what`, which must outlive them.
class outgoing_arguments {
public:
  explicit outgoing_arguments(const std::vector<argument>& what);
  outgoing_arguments(const outgoing_arguments&) = delete;
  outgoing_arguments& operator=(const outgoing_arguments&) = delete;

  [[nodiscard]] amqp_table_t table() noexcept;

private:
  std::vector<amqp_table_entry_t> entries_;
};

} // namespace troupe::amqp
