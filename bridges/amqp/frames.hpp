#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <amqp.h>
#include <amqp_framing.h>

#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/queue.hpp>

namespace troupe::amqp {

/// A text as the library's bytes; the text must outlive them.
amqp_bytes_t bytes_of(std::string_view text) noexcept;
std::string_view text_of(const amqp_bytes_t& bytes) noexcept;

/// An entry of a table: a text, a number, a truth value or a table. What is passed must outlive it.
amqp_table_entry_t entry_of(std::string_view name, std::string_view text) noexcept;
amqp_table_entry_t number_entry(std::string_view name, std::uint8_t number) noexcept;
amqp_table_entry_t yes_entry(std::string_view name) noexcept;
amqp_table_entry_t table_entry(std::string_view name, std::span<amqp_table_entry_t> entries) noexcept;

/// The text of a scalar; nothing for tables and lists. The texts of numbers are kept in `numbers`.
std::optional<std::string_view> scalar_text(const amqp_field_value_t& value, std::deque<std::string>& numbers);

/// Reads a message, without its payload, from the library's memory.
received received_of(const amqp_basic_properties_t& properties);

/// The arguments of a declaration as a table. They refer to `arguments`, which must outlive them.
class outgoing_arguments {
public:
  explicit outgoing_arguments(const std::vector<argument>& arguments);
  outgoing_arguments(const outgoing_arguments&) = delete;
  outgoing_arguments& operator=(const outgoing_arguments&) = delete;

  [[nodiscard]] amqp_table_t table() noexcept;

private:
  std::vector<amqp_table_entry_t> entries_;
};

} // namespace troupe::amqp
