#define CAF_SUITE otlp_exporter

#include <troupe_test/suite.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include <troupe/bridges/otlp/exporter.hpp>

#include "../recorder.hpp"

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::otlp;

namespace {

/// A collector in hand of the test: it answers each batch when the test says so, and how.
class collector {
public:
  expected<void> take(std::span<const span_record_ptr> batch) {
    std::unique_lock lock{guard_};
    batches_.push_back(batch.size());
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    return away_ ? expected<void>{failure{errc::unavailable, "nobody listens"}} : expected<void>{};
  }

  void set(bool open, bool away) {
    const std::scoped_lock lock{guard_};
    open_ = open;
    away_ = away;
    changed_.notify_all();
  }

  /// The sizes of the batches, once there are that many.
  std::deque<std::size_t> batches(std::size_t at_least) {
    std::unique_lock lock{guard_};
    changed_.wait(lock, [&] { return batches_.size() >= at_least; });
    return batches_;
  }

private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::size_t> batches_;
  bool open_ = true;
  bool away_ = false;
};

class sender_to final : public sender {
public:
  explicit sender_to(std::shared_ptr<collector> to) : to_(std::move(to)) {}
  expected<void> send(std::span<const span_record_ptr> batch) override { return to_->take(batch); }

private:
  std::shared_ptr<collector> to_;
};

struct fixture {
  std::shared_ptr<collector> to = std::make_shared<collector>();
  std::shared_ptr<contract::recorder> seen = std::make_shared<contract::recorder>();
  config settings{.queue = 4, .batch = 2, .every = 1h};

  std::unique_ptr<exporter> start() {
    return std::make_unique<exporter>(
      settings, [to = to] { return std::make_unique<sender_to>(to); }, seen);
  }

  void dropped(const std::string& reason, double count) {
    CAF_CHECK(seen->becomes("troupe_spans_dropped_total", "reason=" + reason, count));
  }
  void exported(double count) { CAF_CHECK(seen->becomes("troupe_spans_exported_total", "", count)); }
};

void give(exporter& to, int count) {
  for (int i = 0; i != count; ++i)
    to.take(std::make_shared<const span_record>());
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(exporter_tests, fixture)

CAF_TEST(a full batch is sent at once and what is left at the end) {
  const auto tested = start();
  give(*tested, 2);
  exported(2);
  give(*tested, 1);
  CAF_CHECK(tested->stop(60s));
  exported(3);
  CAF_CHECK_EQUAL(to->batches(2).size(), 2u);
}

CAF_TEST(fewer wait no longer than the interval) {
  settings.every = 1ms;
  const auto tested = start();
  give(*tested, 1);
  exported(1);
}

CAF_TEST(what does not fit into the queue is dropped and counted and nobody waits) {
  to->set(false, false);
  const auto tested = start();
  give(*tested, 2);
  CAF_CHECK_EQUAL(to->batches(1).size(), 1u); // which is under way now
  give(*tested, 7);
  dropped("queue_full", 3);
  to->set(true, false);
  exported(6);
}

CAF_TEST(half of the queue is for traces that have begun) {
  settings.queue = 6;
  to->set(false, false);
  const auto tested = start();
  give(*tested, 2);
  CAF_CHECK_EQUAL(to->batches(1).size(), 1u); // which is under way now
  give(*tested, 2);
  CAF_CHECK(tested->has_room());
  give(*tested, 1);
  CAF_CHECK(!tested->has_room());
  give(*tested, 3); // of those that have begun
  to->set(true, false);
  exported(8);
  CAF_CHECK(tested->has_room());
}

CAF_TEST(half of the queue is sent at once where a batch is larger) {
  settings.batch = 4;
  const auto tested = start();
  give(*tested, 2);
  exported(2);
}

CAF_TEST(a collector that is away costs what it did not take and one line) {
  to->set(true, true);
  const auto tested = start();
  give(*tested, 2);
  dropped("not_taken", 2);
  give(*tested, 5); // nothing is tried before the next interval
  dropped("queue_full", 1);
  CAF_CHECK_EQUAL(to->batches(1).size(), 1u);
  CAF_CHECK(tested->stop(60s)); // tries once more, and no batch after that
  dropped("not_taken", 4);
  dropped("shutting_down", 2);
  CAF_CHECK_EQUAL(to->batches(2).size(), 2u);
  CAF_CHECK(seen->logged("spans cannot be exported to http://localhost:4318/v1/traces and are dropped: nobody listens"));
  CAF_CHECK_EQUAL(seen->value("log"), 1.0);
}

CAF_TEST(the end waits no longer than it may for a collector that does not answer) {
  to->set(false, false);
  auto tested = start();
  give(*tested, 2);
  CAF_CHECK_EQUAL(to->batches(1).size(), 1u);
  CAF_CHECK(!tested->stop(1ms));
  give(*tested, 1); // comes too late
  dropped("shutting_down", 1);
  tested.reset();
  to->set(true, false); // the thread has all that it uses
  exported(2);
}

CAF_TEST_FIXTURE_SCOPE_END()
