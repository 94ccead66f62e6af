// A bridge of one's own on `inbound`: the files of a folder are messages, and a file whose message is settled is removed.
// Batches, retries, dead letters and the drain are the same for every transport.

#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <variant>

#include <troupe/actors/consumer.hpp>
#include <troupe/actors/handler.hpp>
#include <troupe/actors/supervisor.hpp>
#include <troupe/bridges/inbound/source.hpp>
#include <troupe/bridges/inbound/subscription_work.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

// The files that are there: how they are fetched, read and settled.
class spool final : public inbound::partition {
public:
  explicit spool(std::filesystem::path folder)
    : partition({policies::redelivery_config{}, 0, policies::source_kind::queue}), folder_(std::move(folder)) {}

  void fetch(instant now) {
    const std::set<std::filesystem::path> there{std::filesystem::directory_iterator{folder_}, {}};
    for (const auto& path : there)
      if (ledger().wants_more() && known_.insert(path).second) {
        ledger().fetched(next_, {}, 0, now);
        files_.emplace(next_++, path);
      }
  }

  [[nodiscard]] delivery delivery_at(std::int64_t offset) override {
    std::ifstream file{files_.at(offset), std::ios::binary};
    message content;
    content.id = files_.at(offset).filename();
    content.payload.assign(std::istreambuf_iterator<char>{file}, {});
    return {{folder_, 0, offset}, std::move(content), ledger().attempts(offset)};
  }

  void settled(std::int64_t offset, instant /*now*/) override {
    std::filesystem::remove(files_.at(offset));
    known_.erase(files_.at(offset));
    files_.erase(offset);
  }

private:
  const std::filesystem::path folder_;
  std::set<std::filesystem::path> known_;
  std::map<std::int64_t, std::filesystem::path> files_; // by offset
  std::int64_t next_ = 0;
};

struct counts {
  inbound::subscription_metrics metrics;
};

// What the source's actor drives: it needs no thread of its own.
class spool_consumer final : public inbound::driven_consumer, counts, inbound::subscription_work {
public:
  spool_consumer(const spawn_context& context, const std::filesystem::path& folder)
    : counts{{context, "spool", {{"folder", folder.string()}}}},
      inbound::subscription_work({10, 1}, context.service(), metrics) {
    assign(0, std::make_unique<spool>(folder));
  }

  std::optional<instant> go_on(instant now) override {
    for (auto& each : take_orders())
      std::visit([&](const auto& outcome) { ended(outcome, now); }, each);
    if (drain_by_) {
      set_time(now);
    } else {
      static_cast<spool&>(*partition_at(0)).fetch(now);
      form_batches(now);
      release_formed();
    }
    for (auto& letter : next_letters(now, timestamp{now.time_since_epoch()}))
      report(std::move(letter));
    while (auto out = hand_out_next())
      report(std::move(*out));
    if (drain_by_ && !over_ && ((batches_.empty() && !publishing()) || now >= *drain_by_)) {
      over_ = true;
      report(inbound::drain_over{unfinished()});
    }
    policies::earliest due{now};
    consider_due(due);
    due.consider(drain_by_ ? *drain_by_ : now + 100ms); // to look for new files
    return over_ ? std::nullopt : due.found();
  }

private:
  using inbound::subscription_work::ended;
  void ended(const inbound::begin_drain& request, instant now) {
    drain_by_ = request.by;
    take_back_all(now);
  }

  std::optional<instant> drain_by_;
  bool over_ = false;
};

source_actor spawn_spool_source(const spawn_context& context, const std::filesystem::path& folder, handler_actor handler,
                                publisher_actor dead_letters) {
  inbound::source_setup setup;
  setup.answer_within = 60s;
  setup.driven = [context, folder](const auto&) { return std::make_shared<spool_consumer>(context, folder); };
  return inbound::spawn_source(context, std::move(setup), std::move(handler), std::move(dead_letters));
}

struct dead_letter_printer {
  explicit dead_letter_printer(publisher_actor::pointer /*self*/) {}
  publisher_actor::behavior_type make_behavior() {
    return {[](const publish& letters) {
      for (const auto& one : letters.messages)
        std::cout << "dead letter " << one.id << ": " << one.payload << '\n';
      return published{std::vector<failure>(letters.messages.size(), failure{errc::none, {}})};
    }};
  }
};

} // namespace

int main() {
  register_message_types();
  const auto folder = std::filesystem::temp_directory_path() / ("troupe-" + random_uuid(system_random()));
  std::filesystem::create_directory(folder);
  for (const auto& [name, text] : std::map<std::string, std::string>{{"1", "tea"}, {"2", "???"}, {"3", "closing time"}})
    std::ofstream{folder / name} << text;
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::promise<void> closed;
  const actors::delivery_function handle = [&closed](const delivery& one) -> reply {
    if (one.content.payload == "???")
      return {verdict::reject, {errc::rejected, "nobody sells that"}};
    std::cout << "sold " << one.content.payload << '\n';
    if (one.content.payload == "closing time")
      closed.set_value();
    return {};
  };

  actors::supervisor root{system, "example", {}, silent_observer(), system_random()(), system_now};
  auto& shop = root.top().add_group("shop", {});
  const auto letters = shop.add("dead_letters", [](const spawn_context& where) {
    return spawn_supervised<publisher_actor, dead_letter_printer>(where);
  });
  const auto handler = shop.add("handler", [=](const spawn_context& where) { return actors::spawn_handler(where, handle); });
  const auto consumer =
    shop.add("consumer", [=](const spawn_context& where) { return actors::spawn_consumer(where, {.handler = handler}); });
  const auto source =
    shop.add("source", [=](const spawn_context& where) { return spawn_spool_source(where, folder, consumer, letters); });
  root.start();
  closed.get_future().wait();

  caf::scoped_actor self{system};
  ask(&*self, source, 10s, drain{5s})
    .receive([](const drained& left) { std::cout << left.unfinished << " unfinished\n"; },
             [](const caf::error& why) { std::cout << to_string(to_failure(why)) << '\n'; });
  std::cout << std::distance(std::filesystem::directory_iterator{folder}, {}) << " files are left\n";
  root.stop_and_wait();
  std::filesystem::remove_all(folder);
}
