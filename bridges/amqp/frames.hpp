#pragma once

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

/// A message, without its payload, out of the library's memory.
received received_of(const amqp_basic_properties_t& properties);

/// The properties with which a message is published. They show into `what` and `headers`, which must outlive them.
class outgoing_properties {
public:
  outgoing_properties(const message& what, const header_list& headers);
  outgoing_properties(const outgoing_properties&) = delete;
  outgoing_properties& operator=(const outgoing_properties&) = delete;

  [[nodiscard]] const amqp_basic_properties_t* get() const noexcept { return &properties_; }

private:
  amqp_basic_properties_t properties_{};
  std::vector<amqp_table_entry_t> entries_;
};

/// The arguments of a declaration, likewise.
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
