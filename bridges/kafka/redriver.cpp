#include <troupe/bridges/kafka/redriver.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <troupe/bridges/kafka/errors.hpp>
#include <troupe/bridges/kafka/record.hpp>

namespace troupe::kafka {

namespace {

int milliseconds_until(instant until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 1));
}

failure outcome_of(const error_handle& failed) {
  auto why = to_failure(failed.get());
  const auto code = rd_kafka_error_code(failed.get());
  if (code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED
      || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    why = {errc::conflict, "another redrive of the same topic has begun meanwhile"};
  return why;
}

} // namespace

expected<redriver> redriver::connect(const connection& to, const access& where, const std::string& topic, instant until,
                                     client_listener& listener) {
  auto conf =
    make_conf(to, where, {{"transactional.id", "troupe-redrive-" + topic}, {"partitioner", "murmur2_random"}}, listener);
  if (conf.has_error())
    return conf.error();
  auto made = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (made.has_error())
    return made.error();
  const error_handle failed{rd_kafka_init_transactions(made->get(), milliseconds_until(until))};
  if (failed)
    return outcome_of(failed);
  return redriver{std::move(*made), topic};
}

expected<void> redriver::send(const std::vector<redriven_letter>& letters, instant until) {
  if (const error_handle failed{rd_kafka_begin_transaction(client_.get())})
    return outcome_of(failed);
  expected<void> produced;
  for (const auto& each : letters) {
    message mark;
    mark.headers.push_back({std::string{redriven_header}, redriven_text(each.where)});
    produced = produce(topic_, each.content);
    if (produced.has_value())
      produced = produce(dead_letter_topic(topic_), mark);
    if (produced.has_error())
      break;
  }
  if (produced.has_value()) {
    const error_handle failed{rd_kafka_commit_transaction(client_.get(), milliseconds_until(until))};
    if (!failed)
      return {};
    produced = outcome_of(failed);
  }
  const error_handle not_undone{rd_kafka_abort_transaction(client_.get(), milliseconds_until(until))};
  return produced; // what could not be undone is undone by the brokers when its time is over
}

expected<void> redriver::produce(const std::string& to, const message& what) {
  auto headers = headers_of(what);
  std::array<rd_kafka_vu_t, 5> parts{};
  std::size_t used = 0;
  const auto next = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    parts[used].vtype = type;
    return parts[used++];
  };
  next(RD_KAFKA_VTYPE_TOPIC).u.cstr = to.c_str();
  auto& payload = next(RD_KAFKA_VTYPE_VALUE);
  payload.u.mem.ptr = const_cast<char*>(what.payload.data());
  payload.u.mem.size = what.payload.size();
  next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  if (what.key) {
    auto& key = next(RD_KAFKA_VTYPE_KEY);
    key.u.mem.ptr = const_cast<char*>(what.key->data());
    key.u.mem.size = what.key->size();
  }
  if (headers)
    next(RD_KAFKA_VTYPE_HEADERS).u.headers = headers.get();
  const error_handle failed{rd_kafka_produceva(client_.get(), parts.data(), used)};
  if (failed)
    return outcome_of(failed);
  static_cast<void>(headers.release()); // the message's now
  return {};
}

} // namespace troupe::kafka
