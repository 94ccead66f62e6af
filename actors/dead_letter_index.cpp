#include <troupe/actors/dead_letter_index.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace troupe::actors {

namespace {

constexpr auto patience = std::chrono::seconds{25}; // a little less than callers have

class dead_letter_index_state {
public:
  dead_letter_index_state(dead_letters_actor::pointer self, std::vector<dead_letters_actor> keepers)
    : self_(self), keepers_(std::move(keepers)) {}

  dead_letters_actor::behavior_type make_behavior() {
    return {[this](const list_dead_letters& request) { return list(request); },
            [this](const show_dead_letter& request) { return show(request); },
            [this](const redrive_dead_letters& request) { return redrive(request); }};
  }

private:
  [[nodiscard]] std::int64_t count() const noexcept { return static_cast<std::int64_t>(keepers_.size()); }
  [[nodiscard]] std::int64_t outer(std::int64_t inner, std::int64_t keeper) const noexcept {
    return inner * count() + keeper;
  }
  [[nodiscard]] std::size_t keeper_of(std::int64_t number) const noexcept {
    return static_cast<std::size_t>(number % count());
  }

  /// The highest number of a keeper's own that is not above `number`; one below the lowest where there is none.
  [[nodiscard]] std::int64_t inner_after(std::int64_t number, std::int64_t keeper) const noexcept {
    return number < keeper ? 0 : (number - keeper) / count();
  }

  // A keeper uses its own numbers, and the caller knows only ours.
  static caf::error refusal(failure why, std::int64_t number) {
    if (why.code == errc::not_found)
      why.reason = "there is no dead letter " + std::to_string(number);
    return to_error(why);
  }

  struct gathering {
    caf::typed_response_promise<dead_letter_page> promise;
    dead_letter_page page;
    std::int64_t known_to =
      std::numeric_limits<std::int64_t>::max(); ///< above it a keeper may have letters that it did not list
    std::size_t left = 0;
    std::uint32_t limit = 0;
  };

  caf::result<dead_letter_page> list(const list_dead_letters& request) {
    const auto all = std::make_shared<gathering>();
    all->promise = self_->make_response_promise<dead_letter_page>();
    all->left = keepers_.size();
    all->limit = request.limit;
    for (std::int64_t keeper = 0; keeper < count(); ++keeper) {
      auto one = request;
      one.after = inner_after(request.after, keeper);
      ask(self_, keepers_[static_cast<std::size_t>(keeper)], patience, std::move(one))
        .then([this, all, keeper](dead_letter_page& page) { gather(*all, page, keeper); },
              [all](const caf::error& why) { all->promise.deliver(to_error(to_failure(why))); });
    }
    return all->promise;
  }

  // What is above the end of a keeper's unfinished page waits for a later one: the caller goes on after the last
  // letter of this page, and what that keeper has below it would be skipped.
  void gather(gathering& all, dead_letter_page& some, std::int64_t keeper) {
    if (!some.letters.empty() && some.letters.back().number > std::numeric_limits<std::int64_t>::max() / count() - 1)
      return all.promise.deliver(
        to_error({errc::unsupported, "the numbers of the dead letters are too high to be distinguished among "
                                       + std::to_string(count()) + " keepers"}));
    if (some.more && !some.letters.empty())
      all.known_to = std::min(all.known_to, outer(some.letters.back().number, keeper));
    all.page.more = all.page.more || some.more;
    for (auto& each : some.letters)
      all.page.letters.push_back({outer(each.number, keeper), std::move(each.letter)});
    if (--all.left > 0)
      return;
    auto& letters = all.page.letters;
    std::sort(letters.begin(), letters.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    const auto known =
      std::count_if(letters.begin(), letters.end(), [&](const auto& a) { return a.number <= all.known_to; });
    const auto fit = std::min(static_cast<std::size_t>(known), std::size_t{all.limit});
    all.page.more = all.page.more || fit < letters.size();
    letters.resize(fit);
    all.promise.deliver(std::move(all.page));
  }

  caf::result<numbered_dead_letter> show(const show_dead_letter& request) {
    if (request.number <= 0)
      return refusal({errc::not_found, {}}, request.number);
    auto promise = self_->make_response_promise<numbered_dead_letter>();
    ask(self_, keepers_[keeper_of(request.number)], patience, show_dead_letter{request.number / count()})
      .then(
        [promise, number = request.number](numbered_dead_letter& found) mutable {
          found.number = number;
          promise.deliver(std::move(found));
        },
        [promise, number = request.number](const caf::error& why) mutable {
          promise.deliver(refusal(to_failure(why), number));
        });
    return promise;
  }

  struct redriving {
    caf::typed_response_promise<redriven> promise;
    std::vector<std::pair<std::size_t, redrive_dead_letters>> parts; ///< each with its keeper
    std::uint32_t limit = 0;
    bool are_named = false;
    redriven done;
  };

  caf::result<redriven> redrive(const redrive_dead_letters& request) {
    const auto all = std::make_shared<redriving>();
    all->promise = self_->make_response_promise<redriven>();
    all->are_named = !request.numbers.empty();
    all->limit = all->are_named ? std::numeric_limits<std::uint32_t>::max() : request.limit;
    for (std::size_t keeper = 0; keeper != keepers_.size(); ++keeper)
      all->parts.emplace_back(keeper, request);
    if (all->are_named)
      keep_own_numbers(all->parts);
    redrive_on(all, 0);
    return all->promise;
  }

  // Leaves each keeper its own numbers, in its own form.
  void keep_own_numbers(std::vector<std::pair<std::size_t, redrive_dead_letters>>& parts) const {
    for (auto& [keeper, part] : parts) {
      std::erase_if(part.numbers, [&, of = keeper](std::int64_t number) { return number <= 0 || keeper_of(number) != of; });
      for (auto& number : part.numbers)
        number /= count();
    }
    std::erase_if(parts, [](const auto& each) { return each.second.numbers.empty(); });
  }

  // One keeper after the other, up to the limit.
  void redrive_on(const std::shared_ptr<redriving>& all, std::size_t next) {
    if (next == all->parts.size() || all->done.count >= all->limit)
      return all->promise.deliver(all->done);
    auto& [keeper, part] = all->parts[next];
    part.limit = all->limit - all->done.count;
    ask(self_, keepers_[keeper], patience, part)
      .then(
        [this, all, next](const redriven& some) {
          all->done.count += some.count;
          redrive_on(all, next + 1);
        },
        [all](const caf::error& why) {
          if (all->done.count > 0 && !all->are_named)
            all->promise.deliver(all->done);
          else
            all->promise.deliver(to_error(after_redriving(to_failure(why), all->done)));
        });
  }

  dead_letters_actor::pointer self_;
  std::vector<dead_letters_actor> keepers_;
};

} // namespace

dead_letters_actor spawn_dead_letter_index(const spawn_context& context, std::vector<dead_letters_actor> keepers) {
  return spawn_supervised<dead_letters_actor, dead_letter_index_state>(context, std::move(keepers));
}

} // namespace troupe::actors
