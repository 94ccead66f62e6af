#include <troupe/deploy/reference/project/template.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace troupe::reference {

namespace {

class filling {
public:
  explicit filling(const template_values& values) : values_(values) {}

  /// A line, with its end.
  void line(std::string_view text) {
    const auto size = result_.size();
    bool steers = false; // whether there is a word that only keeps or leaves out
    while (!text.empty()) {
      const auto begin = std::min(text.find('@'), text.size());
      add(text.substr(0, begin));
      text.remove_prefix(begin);
      if (text.empty())
        break;
      const auto end = text.find('@', 1);
      if (end == std::string_view::npos)
        throw std::logic_error("a template has an @ without its other one");
      steers = word(text.substr(1, end - 1)) || steers;
      text.remove_prefix(end + 1);
    }
    if (steers && result_.find_first_not_of(" \n", size) == std::string::npos)
      result_.resize(size);
  }

  std::string finish() {
    if (!kept_.empty())
      throw std::logic_error("a template has an @if without its @end");
    return std::move(result_);
  }

private:
  [[nodiscard]] bool keeps() const {
    return std::ranges::all_of(kept_, [](bool one) { return one; });
  }

  void add(std::string_view text) {
    if (keeps())
      result_ += text;
  }

  bool word(std::string_view name) {
    if (name.starts_with("if ")) {
      kept_.push_back(values_.parts.contains(name.substr(3)));
    } else if (name == "else" && !kept_.empty()) {
      kept_.back() = !kept_.back();
    } else if (name == "end" && !kept_.empty()) {
      kept_.pop_back();
    } else {
      const auto found = values_.texts.find(name);
      if (found == values_.texts.end())
        throw std::logic_error("a template names @" + std::string{name} + '@');
      add(found->second);
      return false;
    }
    return true;
  }

  const template_values& values_;
  std::vector<bool> kept_; // of each @if
  std::string result_;
};

} // namespace

std::string fill_in(std::string_view text, const template_values& values) {
  filling result{values};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    result.line(text.substr(0, end));
    text.remove_prefix(end);
  }
  return result.finish();
}

} // namespace troupe::reference
