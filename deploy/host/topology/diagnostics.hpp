#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::host {

/// A position in a text file. Lines and columns count from 1, columns in bytes, as compilers print them.
struct position {
  std::string file;       ///< as the command line names it
  std::uint32_t line = 1; ///< 0: the file as a whole
  std::uint32_t column = 1;

  friend bool operator==(const position&, const position&) = default;
};

/// "FILE:LINE:COLUMN", or "FILE".
std::string to_string(const position& where);

/// One thing that is wrong, in the words of its line. `expected` and `nearest` may be empty.
struct mistake {
  std::string where; ///< a position, an environment variable ("environment: PORT") or an option ("command line: --http")
  std::string problem;
  std::string expected;
  std::string nearest; ///< the valid name that was probably meant
};

/// "WHERE: WHAT; expected EXPECTED; did you mean "NEAREST"?", on one line whatever its parts contain.
std::string to_string(const mistake& one);

/// Collects every mistake of a configuration, so that all are reported at once. Bounded: past `limit` they are only counted.
class diagnostics {
public:
  static constexpr std::size_t limit = 200;

  void add(const position& where, std::string problem, std::string expected = {}, std::string nearest = {});
  /// A mistake outside any file.
  void add(std::string_view where, std::string problem, std::string expected = {}, std::string nearest = {});

  [[nodiscard]] bool empty() const noexcept { return found_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept { return found_.size() + more_; }

  /// One line per mistake: by file in the order the files first appeared, then by line and column; those outside files last,
  /// in the order they were found. The same mistake is reported once. Past the limit the last line says how many more there
  /// are.
  [[nodiscard]] std::vector<std::string> lines() const;

private:
  struct entry {
    std::size_t file;
    std::uint32_t line;
    std::uint32_t column;
    mistake reported;
  };

  void keep(entry one);

  std::vector<std::string> files_;
  std::vector<entry> found_;
  std::size_t more_ = 0;
};

/// The candidate that `word` is probably a misspelling of: the least edit distance (an insertion, a deletion, a replacement
/// or a swap of neighbours each count one), at most a third of the word's length; case does not count. Empty when none is
/// near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// `"text"`, with control characters escaped, and cut short beyond 60 bytes.
std::string in_quotes(std::string_view text);

/// "a, b or c".
std::string listed(std::span<const std::string> words);

} // namespace troupe::host
