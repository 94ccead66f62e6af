#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <amqp.h>
#include <amqp_framing.h>

#include <troupe/bridges/amqp/codec.hpp>

namespace troupe::amqp {

/// The properties of a message, decoded from the bytes of the wire, which must outlive this.
class wire_properties {
public:
  /// `get` returns null if `bytes` are malformed.
  explicit wire_properties(std::string_view bytes);
  wire_properties(const wire_properties&) = delete;
  wire_properties& operator=(const wire_properties&) = delete;
  ~wire_properties();

  [[nodiscard]] const amqp_basic_properties_t* get() const noexcept { return read_; }

private:
  amqp_pool_t pool_{};
  amqp_basic_properties_t* read_ = nullptr;
};

/// The properties that a message had before it was set aside. They refer to the properties from which they were read.
struct own_properties {
  amqp_basic_properties_t basic{}; ///< without headers
  std::string_view user;
  std::string_view order; ///< the value of `order_header`
  std::vector<amqp_table_entry_t> by_brokers;
};

/// Reads them from the properties with which the message arrived.
own_properties own_properties_of(const amqp_basic_properties_t& arrived, bool has_id);

/// The properties with which a message is published. They refer to `content` and `headers`, which must outlive them.
class outgoing_properties {
public:
  /// `headers`: those that are text. `user`: the login; brokers refuse a message with the user id of another login.
  outgoing_properties(const message& content, const header_list& headers, publication how, std::string_view user);
  outgoing_properties(const outgoing_properties&) = delete;
  outgoing_properties& operator=(const outgoing_properties&) = delete;

  [[nodiscard]] const amqp_basic_properties_t* get() const noexcept { return &properties_; }

  /// Whether they fit into `most` bytes of the wire.
  [[nodiscard]] bool fit_into(std::size_t most) const;

private:
  void begin_anew(const message& content, const header_list& headers);
  void as_it_arrived(std::string_view user);
  void take_over(const message& content, const header_list& headers, publication how, std::string_view user);
  void take_headers(const header_list& headers, publication how, std::string_view order);
  void set_aside(const own_properties& own);
  void set_headers() noexcept;

  wire_properties arrived_;
  amqp_basic_properties_t properties_{};
  std::vector<amqp_table_entry_t> entries_;
  std::vector<amqp_table_entry_t> aside_;
  std::vector<amqp_table_entry_t> by_brokers_;
};

} // namespace troupe::amqp
