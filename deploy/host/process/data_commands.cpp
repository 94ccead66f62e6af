#include <troupe/deploy/host/process/commands.hpp>

#include <chrono>
#include <cstdint>
#include <iomanip>
#include <optional>
#include <ostream>
#include <sstream>

#include <boost/json.hpp>

#include <troupe/bridges/embedded/groups.hpp>
#include <troupe/bridges/sqlite/backup.hpp>
#include <troupe/bridges/sqlite/folder_lock.hpp>
#include <troupe/bridges/sqlite/schema.hpp>
#include <troupe/deploy/host/process/last_words.hpp>
#include <troupe/deploy/host/topology/columns.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/visible_text.hpp>

namespace troupe::host {

namespace {

exit_code fail(const failure& why, std::ostream& err) {
  err << program_name() << ": " << visible(to_string(why)) << '\n';
  return exit_code::failed;
}

// "1.5 MiB"
std::string size_text(std::uint64_t bytes) {
  constexpr double step = 1024;
  std::ostringstream text;
  if (bytes < 1024) {
    text << bytes << " bytes";
    return text.str();
  }
  auto size = static_cast<double>(bytes) / step;
  const char* unit = "KiB";
  for (const auto* larger : {"MiB", "GiB", "TiB"})
    if (size >= step) {
      size /= step;
      unit = larger;
    }
  text << std::fixed << std::setprecision(1) << size << ' ' << unit;
  return text.str();
}

// Groups that were read by the last program are read now only while a program uses the folder.
const char* reader_text(const embedded::group_standing& group, bool in_use) {
  return !in_use ? "no program runs" : group.latest ? "the program that runs" : "no consumer";
}

void print_table(const std::vector<embedded::group_standing>& groups, bool in_use, std::ostream& out) {
  if (groups.empty()) {
    out << "no groups\n";
    return;
  }
  std::vector<std::vector<std::string>> rows{{"stream", "group", "partitions", "lag", "size", "read by"}};
  for (const auto& each : groups)
    rows.push_back({visible(each.stream), visible(each.group), std::to_string(each.partitions), std::to_string(each.lag),
                    size_text(static_cast<std::uint64_t>(each.bytes)), reader_text(each, in_use)});
  print_columns(rows, out);
}

void print_json(const std::vector<embedded::group_standing>& groups, bool in_use, std::ostream& out) {
  for (const auto& each : groups)
    out << visible_json(boost::json::serialize(boost::json::object{{"stream", each.stream},
                                                                   {"group", each.group},
                                                                   {"partitions", each.partitions},
                                                                   {"lag", each.lag},
                                                                   {"bytes", each.bytes},
                                                                   {"read_now", in_use && each.latest}}))
        << '\n';
}

exit_code list(const groups_command& command, const std::string& data, bool in_use, std::ostream& out, std::ostream& err) {
  auto file = sqlite::open_beside(data, sqlite::access::read, sqlite::needed_schema::present);
  if (file.has_error())
    return fail(file.error(), err);
  const auto found = embedded::list_groups(*file);
  if (found.has_error())
    return fail(found.error(), err);
  (command.form == output_form::json ? print_json : print_table)(*found, in_use, out);
  return exit_code::orderly;
}

exit_code remove(const groups_command::remove& removed, const std::string& data, bool in_use, std::ostream& out,
                 std::ostream& err) {
  auto file = sqlite::open_beside(data, sqlite::access::write, sqlite::needed_schema::present);
  if (file.has_error())
    return fail(file.error(), err);
  const auto use = in_use ? embedded::file_use::in_use : embedded::file_use::idle;
  const auto gone = embedded::remove_group(*file, {removed.group, removed.stream}, use);
  if (gone.has_error())
    return fail(gone.error(), err);
  out << "removed from " << *gone << (*gone == 1 ? " partition\n" : " partitions\n");
  return exit_code::orderly;
}

} // namespace

exit_code back_up(const backup_command& command, const std::string& data, std::ostream& out, std::ostream& err) {
  const auto begun = steady_now();
  const bool replace = command.when == backup_command::name_taken::replace;
  const auto made = sqlite::back_up(data, command.to, replace ? sqlite::name_taken::replace : sqlite::name_taken::refuse);
  if (made.has_error())
    return fail(made.error(), err);
  const std::chrono::duration<double> took = steady_now() - begun;
  out << command.to << " has " << size_text(*made) << ", made in " << std::fixed << std::setprecision(1) << took.count()
      << " s\n";
  return exit_code::orderly;
}

exit_code groups(const groups_command& command, const std::string& data, std::ostream& out, std::ostream& err) {
  if (const auto there = sqlite::open_beside(data, sqlite::access::read, sqlite::needed_schema::present); there.has_error())
    return fail(there.error(), err); // before the lock would make a folder
  auto lock = std::make_optional(sqlite::folder_lock::take(data));
  const bool in_use = lock->has_error() && lock->error().code == errc::locked;
  const auto* removed = std::get_if<groups_command::remove>(&command.action);
  if (removed == nullptr) {
    lock.reset(); // a program may start meanwhile
    return list(command, data, in_use, out, err);
  }
  return lock->has_error() && !in_use ? fail(lock->error(), err) : remove(*removed, data, in_use, out, err);
}

} // namespace troupe::host
