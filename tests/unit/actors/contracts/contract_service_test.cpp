#define CAF_SUITE contract_service
#include <troupe_test/actors.hpp>

#include <stdexcept>

#include <troupe/messages/contracts/status.hpp>

#include "../../../contract/recording_observer.hpp"
#include "shop.troupe.hpp"

using namespace troupe;
using namespace troupe_test;
using namespace troupe_test::shop;
using contracts::status_code;

namespace {

constexpr std::string_view call_id = "0f8fad5b-d9cb-469f-a165-70867728950e";

// What the services of a test have seen.
struct seen {
  std::vector<std::string> reservations; // the ids of their calls
  header_list metadata;
  deadline answer_by;
  int services = 0;
  int frames = 0;
};

struct frame {
  explicit frame(int& count) : count_(count) { ++count_; }
  ~frame() { --count_; }
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

private:
  int& count_;
};

class stock final : public stock_service {
public:
  explicit stock(seen& book) : seen_(book) {}

  task<Reserved> reserve(const Reservation& request, call& at) override {
    seen_.reservations.push_back(at.id());
    seen_.metadata = at.metadata();
    seen_.answer_by = at.answer_by();
    if (request.item() == "unicorn")
      throw call_failed{contracts::status_failure(status_code::out_of_range, "none was ever seen", {&request})};
    at.answer_with("X-Shelf", "7");
    Reserved result;
    result.set_left(10 - request.count());
    co_return result;
  }

private:
  seen& seen_;
};

class orders final : public orders_service {
public:
  orders(service_context& context, seen& book) : stock_(context.calls<stock_client>("stock")), seen_(book) {
    ++seen_.services;
  }
  ~orders() override { --seen_.services; }

  task<Placed> place(const PlaceOrder& request, call& at) override {
    const frame alive{seen_.frames};
    if (request.item() == "bug")
      throw std::runtime_error("a broken invariant");
    Reservation reservation;
    reservation.set_item(request.item());
    reservation.set_count(request.count());
    const auto reserved = co_await stock_.reserve(std::move(reservation), at);
    Placed result;
    result.set_id(at.id());
    result.set_left(reserved.left());
    co_return result;
  }

  task<Placed> get_http_info(const PlaceOrder& request, call& at) override {
    Placed result;
    for (int each = 0; each != 2; ++each) {
      Reservation reservation;
      reservation.set_item(request.item());
      const auto tried = co_await stock_.reserve(reservation, at).outcome();
      if (tried.has_error())
        result.set_id(to_string(tried.error()));
    }
    co_return result;
  }

  task<Placed> delete_(const PlaceOrder&, call&) override { throw call_failed{{errc::forbidden, "no"}}; }

private:
  stock_client stock_;
  seen& seen_;
};

struct fixture : actor_fixture {
  contract_actor spawn_stock() {
    return spawn_contract_service(
      context("stock/contract"),
      {.make = [this](service_context&) { return std::make_unique<stock>(book); }, .callees = {}});
  }

  contract_actor spawn_orders(contract_actor callee, interleaving calls = interleaving::allowed) {
    return spawn_contract_service(unsupervised(sys, "orders/contract", watcher),
                                  {.make = [this](service_context& with) { return std::make_unique<orders>(with, book); },
                                   .callees = {{"stock", std::move(callee)}},
                                   .calls = calls});
  }

  static contract_call asked(std::string item, int method = 0, int count = 3) {
    auto request = std::make_shared<PlaceOrder>();
    request->set_item(std::move(item));
    request->set_count(count);
    return {orders_service::contract().method(method),
            std::move(request),
            {.id = std::string{call_id}, .trace = {}, .answer_by = {}, .metadata = {{"x-tenant", "blue"}}}};
  }

  std::shared_ptr<answer<contract_answer>> place(const contract_actor& to, std::string item) {
    return ask_for<contract_answer>(to, asked(std::move(item)));
  }

  std::shared_ptr<contract::recording_observer> watcher = std::make_shared<contract::recording_observer>();
  seen book;
};

const Placed& placed(const std::shared_ptr<answer<contract_answer>>& got) {
  return dynamic_cast<const Placed&>(*got->value->response);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(contract_service_tests, fixture)

CAF_TEST(a handler answers a call with the answers of the services that it calls) {
  const auto stock = spawn_stock();
  const auto orders = spawn_orders(stock);
  const auto got = place(orders, "tea");
  CAF_REQUIRE(got->value);
  CAF_CHECK_EQUAL(placed(got).left(), 7);
  CAF_CHECK_EQUAL(placed(got).id(), call_id);
  CAF_CHECK(got->value->metadata.empty()); // what the stock answered with is not the order's
  end(orders);
  end(stock);
}

CAF_TEST(metadata follows a response and that of the caller is not passed on) {
  const auto stock = spawn_stock();
  contract_call call = asked("tea");
  auto request = std::make_shared<Reservation>();
  call.method = stock_service::contract().method(0);
  call.request = request;
  const auto got = ask_for<contract_answer>(stock, call);
  CAF_REQUIRE(got->value);
  CAF_CHECK(got->value->metadata == (header_list{{"x-shelf", "7"}}));
  CAF_CHECK(book.metadata == call.context.metadata);
  const auto orders = spawn_orders(stock);
  place(orders, "tea");
  CAF_CHECK(book.metadata.empty());
  end(orders);
  end(stock);
}

CAF_TEST(a repeated call repeats the ids of the calls that it makes) {
  const auto stock = spawn_stock();
  const auto orders = spawn_orders(stock);
  ask_for<contract_answer>(orders, asked("tea", 1));
  ask_for<contract_answer>(orders, asked("tea", 1));
  CAF_REQUIRE_EQUAL(book.reservations.size(), 4U);
  CAF_CHECK_EQUAL(book.reservations[0], book.reservations[2]);
  CAF_CHECK_EQUAL(book.reservations[1], book.reservations[3]);
  CAF_CHECK_NOT_EQUAL(book.reservations[0], book.reservations[1]);
  CAF_CHECK_NOT_EQUAL(book.reservations[0], call_id);
  end(orders);
  end(stock);
}

CAF_TEST(the exact status of a callee and its details reach the caller of the caller) {
  const auto stock = spawn_stock();
  const auto orders = spawn_orders(stock);
  const auto got = place(orders, "unicorn");
  CAF_REQUIRE(got->error);
  CAF_CHECK(got->error->code == errc::invalid);
  const auto status = contracts::to_status(*got->error);
  CAF_CHECK_EQUAL(status.code(), 11);
  CAF_CHECK_EQUAL(status.message(), "none was ever seen");
  CAF_REQUIRE_EQUAL(status.details_size(), 1);
  Reservation detail;
  CAF_REQUIRE(status.details(0).UnpackTo(&detail));
  CAF_CHECK_EQUAL(detail.count(), 3);
  // A failure of our own has the status of the table.
  const auto forbidden = ask_for<contract_answer>(orders, asked("tea", 2));
  CAF_REQUIRE(forbidden->error);
  CAF_CHECK_EQUAL(contracts::to_status(*forbidden->error).code(), 7);
  // A caller may also look at the failure.
  const auto looked = ask_for<contract_answer>(orders, asked("unicorn", 1));
  CAF_REQUIRE(looked->value);
  CAF_CHECK_EQUAL(placed(looked).id(), "invalid: none was ever seen");
  end(orders);
  end(stock);
}

CAF_TEST(calls of a callee are counted by what becomes of them) {
  const auto stock = spawn_stock();
  const auto orders = spawn_orders(stock);
  CAF_CHECK_EQUAL(watcher->last_label("troupe_calls_total"), "success"); // it is 0 before the first call
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 0);
  place(orders, "tea");
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 1);
  place(orders, "unicorn");
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 2);
  CAF_CHECK_EQUAL(watcher->last_label("troupe_calls_total"), "invalid");
  ask_for<contract_answer>(orders, asked("tea", 1)); // which makes two and looks at their outcomes
  CAF_CHECK_EQUAL(watcher->value("troupe_calls_total"), 4);
  end(orders);
  end(stock);
}

CAF_TEST(a call that takes longer than the limit of its client fails and the handler goes on) {
  scripted<contract_call, contract_answer> slow{sys, [](const contract_call&) { return contract_answer{}; }};
  slow.hold();
  const auto orders = spawn_orders(slow.handle());
  const auto got = place(orders, "tea");
  pass(4s);
  CAF_CHECK(got->pending());
  pass(1s);
  CAF_REQUIRE(got->error);
  CAF_CHECK(got->error->code == errc::deadline_exceeded);
  CAF_CHECK_EQUAL(book.frames, 0);
  // The callee had the sooner of the two limits.
  CAF_REQUIRE_EQUAL(slow.asked().size(), 1U);
  CAF_CHECK(slow.asked()[0].context.answer_by == deadline{now()});
  auto hurried = asked("tea");
  hurried.context.answer_by = deadline::after(1s, now());
  const auto soon = ask_for<contract_answer>(orders, hurried);
  CAF_CHECK(slow.asked()[1].context.answer_by == hurried.context.answer_by);
  pass(1s);
  CAF_REQUIRE(soon->error);
  end(orders);
}

CAF_TEST(a call whose time has run out or whose caller has left does not begin) {
  const auto stock = spawn_stock();
  const auto orders = spawn_orders(stock);
  auto late = asked("tea");
  late.context.answer_by = deadline{now()};
  CAF_CHECK(ask_for<contract_answer>(orders, late)->error->code == errc::deadline_exceeded);
  auto abandoned = asked("tea");
  std::stop_source leaves;
  leaves.request_stop();
  abandoned.context.abandoned = leaves.get_token();
  CAF_CHECK(ask_for<contract_answer>(orders, abandoned)->error->code == errc::cancelled);
  CAF_CHECK(book.reservations.empty());
  end(orders);
  end(stock);
}

CAF_TEST(calls interleave where they wait unless they run one at a time) {
  for (const auto how : {interleaving::allowed, interleaving::one_at_a_time}) {
    scripted<contract_call, contract_answer> slow{sys, [](const contract_call&) { return contract_answer{}; }};
    slow.hold();
    const auto orders = spawn_orders(slow.handle(), how);
    place(orders, "tea");
    place(orders, "cake");
    CAF_CHECK_EQUAL(slow.asked().size(), how == interleaving::allowed ? 2U : 1U);
    end(orders);
  }
}

CAF_TEST(an incarnation that ends answers its callers at once and leaves nothing) {
  scripted<contract_call, contract_answer> slow{sys, [](const contract_call&) { return contract_answer{}; }};
  slow.hold();
  const auto orders = spawn_orders(slow.handle());
  const auto waits = place(orders, "tea");
  CAF_CHECK_EQUAL(book.frames, 1);
  const auto fails = place(orders, "bug");
  CAF_REQUIRE(waits->error);
  CAF_REQUIRE(fails->error);
  CAF_CHECK(waits->error->code == errc::actor_failed);
  CAF_CHECK_EQUAL(to_string(*fails->error), "actor_failed: an exception escaped a handler: a broken invariant");
  CAF_CHECK_EQUAL(book.frames, 0);
  CAF_CHECK_EQUAL(book.services, 0);
}

CAF_TEST(a callee that the service does not have fails its start with the names that there are) {
  const auto make = [](service_context& with) -> std::unique_ptr<contract_service> {
    static_cast<void>(with.calls<stock_client>("stok"));
    return nullptr;
  };
  std::string reason;
  try {
    spawn_contract_service(context("orders/contract"), {.make = make, .callees = {{"stock", contract_actor{}}}});
  } catch (const std::invalid_argument& thrown) {
    reason = thrown.what();
  }
  CAF_CHECK_EQUAL(reason, "orders calls \"stok\", which is none of its callees: stock");
}

CAF_TEST(a method of another contract is refused) {
  const auto stock = spawn_stock();
  const auto got = place(stock, "tea");
  CAF_REQUIRE(got->error);
  CAF_CHECK(got->error->code == errc::unsupported);
  CAF_CHECK_EQUAL(got->error->reason,
                  "troupe_test.shop.Stock is served here, and troupe_test.shop.Orders.Place is none of its methods");
  end(stock);
}

CAF_TEST(a response that somebody else holds is copied and one of another type is an error) {
  const auto kept = std::make_shared<Reserved>();
  kept->set_left(5);
  scripted<contract_call, contract_answer> shared{sys, [kept](const contract_call&) { return contract_answer{kept}; }};
  const auto orders = spawn_orders(shared.handle());
  CAF_CHECK_EQUAL(placed(place(orders, "tea")).left(), 5);
  CAF_CHECK_EQUAL(kept->left(), 5);
  shared.answer_with([](const contract_call&) { return contract_answer{std::make_shared<Placed>()}; });
  const auto wrong = place(orders, "tea");
  CAF_REQUIRE(wrong->error);
  CAF_CHECK(wrong->error->code == errc::internal);
  end(orders);
}

CAF_TEST(statuses and failures follow from each other by one table) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<status_code>(number);
    const auto why = contracts::status_failure(code, "said");
    CAF_CHECK(why.code == contracts::errc_of(code));
    CAF_CHECK_EQUAL(contracts::to_status(why).code(), number);
    CAF_CHECK_EQUAL(contracts::to_status(to_failure(to_error(why))).code(), number); // through an actor's error
  }
  CAF_CHECK_EQUAL(contracts::status_failure(status_code::ok, "said").code, errc::internal);
  google::rpc::Status unknown;
  unknown.set_code(99);
  CAF_CHECK_EQUAL(contracts::to_status(contracts::to_failure(unknown)).code(), 2);
  CAF_CHECK_EQUAL(contracts::to_status({errc::overloaded, {}, "no status"}).code(), 8);
  CAF_CHECK_EQUAL(contracts::to_status({errc::overloaded, {}}).message(), "overloaded");
}

CAF_TEST_FIXTURE_SCOPE_END()
