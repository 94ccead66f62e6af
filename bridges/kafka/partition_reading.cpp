#include <troupe/bridges/kafka/partition_reading.hpp>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace troupe::kafka {

namespace {

// Tells a record from another one in its place. The end of a payload is enough of it beside the id.
std::size_t print_of(const message& what) noexcept {
  constexpr std::size_t enough = 64;
  const std::string_view payload{what.payload};
  const std::hash<std::string_view> hash;
  return hash(what.id) ^ (hash(payload.substr(payload.size() - std::min(payload.size(), enough))) * 31) ^ payload.size();
}

} // namespace

bool partition_reading::take_record(std::int64_t offset, message content, instant now, std::optional<waiting_retry> retry) {
  const auto print = print_of(content);
  return !follows(fetched(offset, std::move(content), now, std::move(retry)), offset, print, now);
}

bool partition_reading::pass_record(std::int64_t offset, const message& content, instant now) {
  return !follows(passed(offset), offset, print_of(content), now);
}

bool partition_reading::follows(bool taken, std::int64_t offset, std::size_t print, instant now) {
  if (taken) {
    latest_ = print;
    recovery_.over();
    return true;
  }
  const bool in_its_place = recovery_.under_way() && latest_ && offset + 1 == read_end();
  if (in_its_place && print == latest_) {
    recovery_.over();
    return true;
  }
  return !in_its_place && !recovery_.behind(now);
}

std::optional<partition_reading::lead> partition_reading::next_lead(instant now) {
  if (std::exchange(begun_anew_, false))
    return lead{};
  if (!recovery_.due() || *recovery_.due() > now)
    return std::nullopt;
  recovery_.led_back(now);
  return lead{read_end() - (latest_ ? 1 : 0)};
}

bool partition_reading::leaves_out(std::int64_t offset) const noexcept {
  return placed() && offset > std::max(read_end(), told_removed_);
}

// A client whose position is no more goes on where the log begins, and so has not come from within it.
std::optional<partition_reading::range> partition_reading::removed_unread(std::int64_t offset, std::int64_t low) noexcept {
  const auto from = std::max(read_end(), told_removed_);
  if (!leaves_out(offset) || low <= from || low > offset)
    return std::nullopt;
  told_removed_ = low;
  return range{from, low};
}

bool partition_reading::at_end(std::int64_t offset, arrivals before) {
  seen_end_ = offset;
  return before == arrivals::taken && !recovery_.under_way() && end_reached(offset);
}

std::int64_t partition_reading::next() const noexcept {
  return std::max(seen_end_, read_end());
}

std::optional<std::int64_t> partition_reading::lag(std::int64_t end) const noexcept {
  if (next() == 0 && end > 0)
    return std::nullopt;
  return std::max<std::int64_t>(0, end - next()) + static_cast<std::int64_t>(ledger().unsettled());
}

void partition_reading::log_ends(std::optional<std::int64_t> stable, std::int64_t end, instant now) {
  if (!stable || *stable < 0 || *stable >= end)
    open_.reset();
  else if (open_ && open_->stable == *stable)
    open_->end = end;
  else
    open_ = open_end{*stable, end, now};
}

// Whoever has read everything before it waits for its end.
std::optional<stall> partition_reading::open_transaction(std::int32_t number, const std::string& topic) const {
  if (!open_ || paused || next() < open_->stable)
    return std::nullopt;
  return stall{stall_reason::transaction,
               {errc::unavailable, "offset " + std::to_string(open_->stable) + " of partition " + std::to_string(number)
                                     + " of " + topic + ", where the log ends at " + std::to_string(open_->end)},
               open_->since};
}

} // namespace troupe::kafka
