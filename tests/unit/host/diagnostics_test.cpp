#define CAF_SUITE diagnostics

#include <troupe_test/suite.hpp>

#include <string>
#include <vector>

#include <troupe/deploy/host/topology/diagnostics.hpp>

using namespace troupe::host;

using lines = std::vector<std::string>;

CAF_TEST(a mistake is one line that names position and expectation and the nearest name) {
  const mistake one{"a.yaml:3:7", R"(unknown key "gretting")", R"("greeting" or "name")", "greeting"};
  CAF_CHECK_EQUAL(to_string(one), "a.yaml:3:7: unknown key \"gretting\"; expected \"greeting\" or \"name\"; "
                                  "did you mean \"greeting\"?");
  CAF_CHECK_EQUAL(to_string(mistake{"a.yaml:1:1", "the file is empty", "", ""}), "a.yaml:1:1: the file is empty");
}

CAF_TEST(a mistake stays one line whatever stands in its parts) {
  CAF_CHECK_EQUAL(to_string(mistake{"a\nb:1:1", "x\ry", "\x1b[31m", ""}), "a b:1:1: x y; expected  [31m");
  CAF_CHECK_EQUAL(to_string(mistake{"a:1:1", "x\u202ey\u009b31m", "\xff", ""}), R"(a:1:1: x\u202ey\x9b31m; expected \xff)");
}

CAF_TEST(mistakes are reported by file and line and column and those outside files last) {
  diagnostics found;
  found.add("environment: PORT", "late");
  found.add(position{"b.yaml", 2, 1}, "fourth");
  found.add(position{"a.yaml", 9, 9}, "after the file that appeared first");
  found.add(position{"b.yaml", 1, 20}, "third");
  found.add(position{"b.yaml", 1, 3}, "second");
  CAF_CHECK_EQUAL(found.lines(), (lines{"b.yaml:1:3: second", "b.yaml:1:20: third", "b.yaml:2:1: fourth",
                                        "a.yaml:9:9: after the file that appeared first", "environment: PORT: late"}));
}

CAF_TEST(the same mistake is reported once) {
  diagnostics found;
  found.add(position{"a", 1, 1}, "wrong");
  found.add(position{"a", 1, 1}, "wrong");
  CAF_CHECK_EQUAL(found.lines(), lines{"a:1:1: wrong"});
}

CAF_TEST(mistakes beyond the limit are counted) {
  diagnostics found;
  for (std::uint32_t i = 0; i < diagnostics::limit + 3; ++i)
    found.add(position{"a", i + 1, 1}, "wrong");
  CAF_CHECK_EQUAL(found.lines().size(), diagnostics::limit + 1);
  CAF_CHECK_EQUAL(found.lines().back(), "... and 3 more mistakes");
  CAF_CHECK_EQUAL(found.count(), diagnostics::limit + 3);
}

CAF_TEST(the nearest name is the one with the fewest edits) {
  const lines names{"services", "streams", "queues"};
  CAF_CHECK_EQUAL(nearest("servces", names), "services");
  CAF_CHECK_EQUAL(nearest("steams", names), "streams");
  CAF_CHECK_EQUAL(nearest("qeuues", names), "queues"); // a swap of neighbours is one edit
  CAF_CHECK_EQUAL(nearest("QUEUES", names), "queues"); // case is none
}

CAF_TEST(a word that is near nothing has no nearest name) {
  const lines names{"services", "streams"};
  CAF_CHECK_EQUAL(nearest("zebra", names), "");
  CAF_CHECK_EQUAL(nearest("", names), "");
  CAF_CHECK_EQUAL(nearest(std::string(1'000'000, 's'), names), "");
  CAF_CHECK_EQUAL(nearest("a", lines{"b"}), "b");
}

CAF_TEST(a long text is cut between characters) {
  CAF_CHECK_EQUAL(in_quotes("short"), "\"short\"");
  const std::string text = std::string(56, 'x') + "éé" + std::string(20, 'y');
  CAF_CHECK_EQUAL(in_quotes(text), '"' + std::string(56, 'x') + "...\"");
}
