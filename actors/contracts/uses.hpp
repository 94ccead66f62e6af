#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <troupe/actors/contracts/service.hpp>

namespace troupe {

/// A name as a template argument. An aggregate of a literal's bytes.
template <std::size_t N>
struct literal_name {
  consteval literal_name(const char (&literal)[N]) { std::ranges::copy(literal, bytes); } // NOLINT: a literal becomes one

  [[nodiscard]] constexpr std::string_view text() const noexcept { return {bytes, N - 1}; }

  char bytes[N]{};
};

// What a function uses is a parameter of it, after its first two, so that it is known before the function runs:
//
//   task<> ship(OrderPlaced order, delivery_context& at, stores<"shipments"> shipments, calls<stock_client, "stock"> stock);
//
// Each of these types is made once for an incarnation, and given by value to each run.

/// The generated client of a contract, for the service of that name.
template <class Client, literal_name Service>
class calls : public Client {
public:
  explicit calls(const service_context& context)
    : Client(context.calls<Client>(Service.text(), std::chrono::seconds{5}, context.registered())) {}
};

/// The publisher of the channel of that name, for messages of the type `T`.
template <class T, literal_name Channel>
class publishes : public channel_publisher<T> {
public:
  explicit publishes(const service_context& context)
    : channel_publisher<T>(context.publishes<T>(Channel.text(), context.registered())) {}
};

/// The store of that name.
template <literal_name Name>
class stores : public document_store {
public:
  explicit stores(const service_context& context) : document_store(context.store(Name.text(), context.registered())) {}
};

} // namespace troupe
