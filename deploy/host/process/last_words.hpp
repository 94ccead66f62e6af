#pragma once

#include <exception>
#include <string>

namespace troupe::host {

/// What an exception says to an operator: with the limit that it speaks of, where it speaks of one.
std::string words_of(const std::exception& problem);

/// With what the lines of the program on the standard error begin: its name, "troupe" unless `end_with_one_line` was given
/// another.
const std::string& program_name() noexcept;

/// From now on the process says one line and ends with exit code 1 where it would abort: for an exception that is not
/// caught, such as the system's for a thread or memory that it does not give, and where a library aborts.
/// Called once, before the process has a second thread.
void end_with_one_line(std::string program) noexcept;

} // namespace troupe::host
