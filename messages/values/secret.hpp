#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// A text that never shows itself: it prints as `***`.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  /// The text itself. Call it only where it is used up.
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

  /// Compares in a time that depends on the length alone.
  [[nodiscard]] bool matches(std::string_view candidate) const noexcept;

private:
  std::string text_;
};

std::ostream& operator<<(std::ostream& out, const secret& value);

} // namespace troupe
