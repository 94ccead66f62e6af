#include <troupe/bridges/kafka/partition_reading.hpp>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace troupe::kafka {

namespace {

// Distinguishes a record from another one at its offset, by the id and the end of the payload.
std::size_t hash_of(const message& content) noexcept {
  constexpr std::size_t enough = 64;
  const std::string_view payload{content.payload};
  const std::hash<std::string_view> hashed;
  return hashed(content.id) ^ (hashed(payload.substr(payload.size() - std::min(payload.size(), enough))) * 31)
         ^ payload.size();
}

} // namespace

bool partition_reading::take_record(std::int64_t offset, message content, instant now, std::optional<waiting_retry> retry) {
  const auto hash = hash_of(content);
  return !follows(fetched(offset, std::move(content), now, std::move(retry)), offset, hash, now);
}

bool partition_reading::pass_record(std::int64_t offset, const message& content, instant now) {
  return !follows(passed(offset), offset, hash_of(content), now);
}

bool partition_reading::follows(bool taken, std::int64_t offset, std::size_t hash, instant now) {
  if (taken) {
    latest_ = hash;
    recovery_.over();
    return true;
  }
  const bool at_latest = recovery_.under_way() && latest_ && offset + 1 == read_end();
  if (at_latest && hash == latest_) {
    recovery_.over();
    return true;
  }
  return !at_latest && !recovery_.behind(now);
}

std::optional<partition_reading::seek> partition_reading::next_seek(instant now) {
  if (std::exchange(begun_anew_, false))
    return seek{};
  if (!recovery_.due() || *recovery_.due() > now)
    return std::nullopt;
  recovery_.sought(now);
  return seek{read_end() - (latest_ ? 1 : 0)};
}

bool partition_reading::leaves_out(std::int64_t offset) const noexcept {
  return positioned() && offset > std::max(read_end(), removed_end_);
}

// A client whose position was removed goes on at the beginning of the log, so that `low` is above the position.
std::optional<partition_reading::range> partition_reading::removed_unread(std::int64_t offset, std::int64_t low) noexcept {
  const auto from = std::max(read_end(), removed_end_);
  if (!leaves_out(offset) || low <= from || low > offset)
    return std::nullopt;
  removed_end_ = low;
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

// A reader that has read all messages before it waits for its end.
std::optional<stall> partition_reading::open_transaction(std::int32_t number, const std::string& topic) const {
  if (!open_ || paused || next() < open_->stable)
    return std::nullopt;
  return stall{stall_reason::transaction,
               {errc::unavailable, "offset " + std::to_string(open_->stable) + " of partition " + std::to_string(number)
                                     + " of " + topic + ", where the log ends at " + std::to_string(open_->end)},
               open_->since};
}

} // namespace troupe::kafka
