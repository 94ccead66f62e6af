#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include <troupe/actors/contracts/uses.hpp>

namespace troupe::coroutines {

template <class... Ts>
struct type_list {};

/// The parameters of a function, or of the only `operator()` of a class.
template <class Function>
struct parameters_of;
template <class Result, class... Ps>
struct parameters_of<Result (*)(Ps...)> {
  using types = type_list<Ps...>;
  using result = Result;
};
template <class Result, class... Ps>
struct parameters_of<Result (*)(Ps...) noexcept> : parameters_of<Result (*)(Ps...)> {};
template <class Class, class Result, class... Ps>
struct parameters_of<Result (Class::*)(Ps...)> : parameters_of<Result (*)(Ps...)> {};
template <class Class, class Result, class... Ps>
struct parameters_of<Result (Class::*)(Ps...) const> : parameters_of<Result (*)(Ps...)> {};
template <class Class, class Result, class... Ps>
struct parameters_of<Result (Class::*)(Ps...) noexcept> : parameters_of<Result (*)(Ps...)> {};
template <class Class, class Result, class... Ps>
struct parameters_of<Result (Class::*)(Ps...) const noexcept> : parameters_of<Result (*)(Ps...)> {};
template <class Class>
requires requires {
  &Class::operator();
}
struct parameters_of<Class> : parameters_of<decltype(&Class::operator())> {};

template <class Function>
concept has_parameters = requires {
  typename parameters_of<Function>::types;
};

/// Those after the first `Given`, which are what a function uses. None where they cannot be known: a generic function has no
/// uses.
template <std::size_t Given, class Function>
struct uses_of_function {
  using types = type_list<>;
};
template <class First, class... Uses>
type_list<std::decay_t<Uses>...> after_one(type_list<First, Uses...>);
template <class First, class Second, class... Uses>
type_list<std::decay_t<Uses>...> after_two(type_list<First, Second, Uses...>);
template <has_parameters Function>
struct uses_of_function<1, Function> {
  using types = decltype(after_one(typename parameters_of<Function>::types{}));
};
template <has_parameters Function>
struct uses_of_function<2, Function> {
  using types = decltype(after_two(typename parameters_of<Function>::types{}));
};

template <class First, class... Rest>
std::decay_t<First> first_of(type_list<First, Rest...>);
/// The type of the first parameter, as a value.
template <has_parameters Function>
using first_parameter = decltype(first_of(typename parameters_of<Function>::types{}));

/// A function with what it uses. Stays where it is while a run of it waits, because the object of a coroutine is not copied
/// into it.
template <class Function, class... Uses>
class bound_function {
public:
  bound_function(Function function, const service_context& context)
    : function_(std::move(function)), uses_(Uses{context}...) {}

  template <class... Given>
  decltype(auto) operator()(Given&&... given) {
    return std::apply(
      [&](const Uses&... uses) -> decltype(auto) {
        return function_(std::forward<Given>(given)..., for_run(uses, given...)...);
      },
      uses_);
  }

private:
  // What a run writes is in its trace.
  template <class Use, class... Given>
  static Use for_run(Use use, const Given&... given) {
    if constexpr (std::is_base_of_v<document_store, Use>)
      (join(use, given), ...);
    return use;
  }
  static void join(document_store& store, const call& run) { store = store.within(run.trace()); }
  template <class Other>
  requires(!std::is_base_of_v<call, Other>) static void join(document_store& /*store*/, const Other& /*given*/) {}

  Function function_;
  std::tuple<Uses...> uses_;
};

template <class Function, class... Uses>
auto bind_uses(Function function, const service_context& context, type_list<Uses...> /*uses*/) {
  return std::make_shared<bound_function<Function, Uses...>>(std::move(function), context);
}

/// `function`, which has `Given` parameters of its own, with its uses.
template <std::size_t Given, class Function>
auto bind_function(Function function, const service_context& context) {
  return bind_uses(std::move(function), context, typename uses_of_function<Given, Function>::types{});
}

/// The object of a class with an `operator()`, as a function.
template <class Class>
class made_function {
public:
  explicit made_function(service_context& context) : made_(make_of<Class>(context)) {}

  template <class... Given>
  decltype(auto) operator()(Given&&... given) {
    return (*made_)(std::forward<Given>(given)...);
  }

private:
  std::shared_ptr<Class> made_;
};

template <class Class>
requires has_parameters<Class>
struct parameters_of<made_function<Class>> : parameters_of<Class> {
};

} // namespace troupe::coroutines
