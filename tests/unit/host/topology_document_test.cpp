#define CAF_SUITE topology_document

#include <troupe_test/suite.hpp>

#include <string>
#include <utility>
#include <vector>

#include <troupe/deploy/host/topology/topology_document.hpp>

using namespace troupe::host;

namespace {

std::pair<yaml_pointer, std::vector<std::string>> read(const std::string& text) {
  diagnostics found;
  auto root = read_yaml("f", text, found);
  return {std::move(root), found.lines()};
}

/// The only mistake of a text that cannot be read.
std::string refusal(const std::string& text) {
  const auto [root, mistakes] = read(text);
  CAF_CHECK(root == nullptr);
  CAF_REQUIRE_EQUAL(mistakes.size(), 1U);
  return mistakes.front();
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

} // namespace

CAF_TEST(values have their position) {
  const auto [root, mistakes] = read("a:\n  - x\n  - {b: y}\n");
  CAF_REQUIRE(root != nullptr);
  CAF_CHECK(mistakes.empty());
  const auto& list = *root->members.at(0).value;
  CAF_CHECK_EQUAL(to_string(root->members.at(0).where), "f:1:1");
  CAF_CHECK_EQUAL(to_string(list.items.at(0)->where), "f:2:5");
  const auto& inner = list.items.at(1)->members.at(0);
  CAF_CHECK_EQUAL(to_string(inner.where), "f:3:6");
  CAF_CHECK_EQUAL(to_string(inner.value->where), "f:3:9");
  CAF_CHECK_EQUAL(inner.value->text, "y");
}

CAF_TEST(an alias is the value it names) {
  const auto [root, mistakes] = read("a: &x {k: v}\nb: *x\n");
  CAF_REQUIRE(root != nullptr);
  CAF_CHECK(root->members.at(0).value == root->members.at(1).value);
}

CAF_TEST(a key that stands twice is reported with the position of the first) {
  const auto [root, mistakes] = read("a: 1\nb: 2\na: 3\n");
  CAF_REQUIRE(root != nullptr);
  CAF_REQUIRE_EQUAL(mistakes.size(), 1U);
  CAF_CHECK_EQUAL(mistakes.front(),
                  "f:3:1: the key \"a\" is in this map twice; expected it once: it is first at line 1, column 1");
  CAF_CHECK_EQUAL(root->members.at(0).value->text, "1");
}

CAF_TEST(a syntax error is reported at its position) {
  CAF_CHECK_EQUAL(refusal("a: [1\n"), "f:2:1: this is not YAML: end of sequence flow not found");
  CAF_CHECK_EQUAL(refusal("a: b: c\n").substr(0, 7), "f:1:5: ");
  CAF_CHECK_EQUAL(refusal("a: *nobody\n").substr(0, 7), "f:1:4: ");
}

CAF_TEST(an alias inside what it names is refused) {
  CAF_CHECK_EQUAL(refusal("a: &a [*a]\n"),
                  "f:1:8: an alias stands inside what it names; expected an alias for something that ends before it");
}

CAF_TEST(what is not text is refused at its first wrong byte) {
  CAF_CHECK_EQUAL(refusal(std::string{"a: "} + '\0' + "b\n"),
                  "f:1:4: this is not text; expected UTF-8 without control characters");
  CAF_CHECK_EQUAL(refusal("a: b\nc: \xff\n").substr(0, 7), "f:2:4: ");
  CAF_CHECK_EQUAL(refusal("\xc0\x80").substr(0, 7), "f:1:1: ");         // overlong
  CAF_CHECK_EQUAL(refusal("\xed\xa0\x80").substr(0, 7), "f:1:1: ");     // a surrogate
  CAF_CHECK_EQUAL(refusal("\xf4\x90\x80\x80").substr(0, 7), "f:1:1: "); // beyond Unicode
  CAF_CHECK_EQUAL(refusal("\xe2\x82").substr(0, 7), "f:1:1: ");         // cut short
  CAF_CHECK_EQUAL(refusal("\xff\xfe\x41").substr(0, 7), "f:1:1: ");     // UTF-16's byte order mark
}

CAF_TEST(text of every script is text) {
  const auto [root, mistakes] = read("a: नमस्ते שָׁלוֹם こんにちは أهلا 😀\n");
  CAF_CHECK(mistakes.empty());
  CAF_REQUIRE(root != nullptr);
}

CAF_TEST(a second document is refused) {
  CAF_CHECK_EQUAL(refusal("a: 1\n---\nb: 2\n"), "f:2:1: a second document begins here; expected one document in a file");
}

CAF_TEST(a key that is no name is refused) {
  CAF_CHECK_EQUAL(refusal("? [a, b]\n: c\n"), "f:1:3: a key is a list; expected a name");
}

CAF_TEST(a file that is too large is refused) {
  CAF_CHECK_EQUAL(refusal(std::string(yaml_limits{}.bytes + 1, '#')),
                  "f:1:1: the file is too large; expected at most 1048576 bytes");
}

CAF_TEST(nesting is bounded) {
  CAF_CHECK(read(repeated("[", 32) + repeated("]", 32)).first != nullptr);
  CAF_CHECK_EQUAL(refusal(repeated("[", 33) + repeated("]", 33)),
                  "f:1:33: maps and lists are nested too deeply; expected at most 32 levels");
  CAF_CHECK(refusal(repeated("[", 500'000)).starts_with("f:1:"));
  CAF_CHECK(refusal(repeated("{a: ", 200'000)).starts_with("f:1:"));
  CAF_CHECK(refusal(repeated("- ", 500'000)).starts_with("f:1:"));
}

CAF_TEST(aliases that multiply are refused before they are written out) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i)
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated("*a" + std::to_string(i - 1) + ", ", 9)
            + "x]\n";
  const auto line = refusal(bomb);
  CAF_CHECK(line.ends_with("the file holds too much, its aliases written out; expected at most 20000 values in 32 levels"));
}

CAF_TEST(an empty file is no value and no mistake of syntax) {
  for (const auto* text : {"", "\n\n", "# nothing\n", "   "}) {
    const auto [root, mistakes] = read(text);
    CAF_CHECK(root == nullptr);
    CAF_CHECK(mistakes.empty());
  }
}
