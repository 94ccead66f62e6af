#define CAF_SUITE http_framing

#include <random>

#include <troupe_test/suite.hpp>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/bridges/http/framing.hpp>

using namespace troupe;
using namespace troupe::http;

namespace {

using progress = request_reader::progress;

// Fills in as much as there is room for; returns how much that was.
std::size_t put(read_buffer& into, std::string_view bytes) {
  std::size_t total = 0;
  while (total < bytes.size() && !into.full()) {
    const auto room = into.prepare();
    const auto count = std::min(room.size(), bytes.size() - total);
    std::copy_n(bytes.data() + total, count, room.data());
    into.commit(count);
    total += count;
  }
  return total;
}

// What a stream of bytes means, however it is cut: a line per request, and the refusal that ends it.
std::string meaning(std::string_view bytes, const std::function<std::size_t()>& piece) {
  const limits bounds{.header_bytes = 2048, .body_bytes = 64};
  read_buffer input{bounds.header_bytes + 1024};
  request_reader reader{bounds};
  std::string out;
  reader.begin();
  while (true) {
    switch (reader.feed(input)) {
      case progress::complete: {
        const auto& what = reader.received();
        out.append(what.verb_text).append(" ").append(what.target).append(" ").append(what.body);
        for (const auto& each : what.headers)
          out.append("|").append(each.name).append("=").append(each.value);
        out += '\n';
        reader.begin();
        break;
      }
      case progress::refused:
        return out + "refused: " + std::string{to_string(reader.why())};
      case progress::need_more: {
        if (bytes.empty())
          return out + (reader.begun() ? "cut off" : "end");
        bytes.remove_prefix(put(input, bytes.substr(0, piece())));
      }
    }
  }
}

std::string at_once(std::string_view bytes) {
  return meaning(bytes, [] { return std::size_t{512}; });
}

} // namespace

CAF_TEST(requests are taken from a stream one by one) {
  CAF_CHECK_EQUAL(at_once("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"),
                  "GET /a |Host=h\nPOST /b hi|Host=h|Content-Length=2\nend");
  CAF_CHECK_EQUAL(
    at_once("POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\nHost: evil\r\n\r\n"),
    "POST /b hi|Host=h|Transfer-Encoding=Chunked\nend");
  // What a trailer says is dropped, and what the header said stays in its place.
  CAF_CHECK_EQUAL(at_once("POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: "
                          + std::string(1500, 't') + "\r\n\r\n"),
                  "POST /b x|Host=h|Transfer-Encoding=chunked\nend");
  CAF_CHECK_EQUAL(at_once("GET /a HTTP/1.1\r\nHo"), "cut off");
  CAF_CHECK_EQUAL(at_once(""), "end");
}

CAF_TEST(empty lines before a request are skipped and begin none) {
  CAF_CHECK_EQUAL(at_once("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n\r\n"),
                  "GET /a |Host=h\nGET /b |Host=h\nend");
  CAF_CHECK_EQUAL(at_once(std::string(2000, '\r') + "\n"), "refused: malformed");
  CAF_CHECK_EQUAL(at_once("\r\n\r"), "end");
  CAF_CHECK_EQUAL(at_once("\rGET /a HTTP/1.1\r\nHost: h\r\n\r\n"), "refused: malformed");
  CAF_CHECK_EQUAL(at_once("\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"), "refused: malformed");
}

CAF_TEST(a header line that begins with white space is refused) {
  for (const auto* const fold :
       {"A: 1\r\n B\r\n", "A:\r\n B\r\n", "A: \r\n \r\n", "A: 1\r\n\t\r\n", "A: 1\r\n \r\n \r\n B\r\n",
        "A:\r\n\t\r\n  B\r\n C\r\n", " A: 1\r\n", "A: 1\r\n B: 2\r\n"}) {
    CAF_MESSAGE(fold);
    CAF_CHECK_EQUAL(at_once("GET /a HTTP/1.1\r\n" + std::string{fold} + "Host: h\r\n\r\n"), "refused: malformed");
    CAF_CHECK_EQUAL(at_once("GET /a HTTP/1.1\r\nHost: h\r\n" + std::string{fold} + "\r\n"), "refused: malformed");
    CAF_CHECK_EQUAL(
      at_once("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + std::string{fold} + "\r\n"),
      "refused: malformed");
  }
  CAF_CHECK_EQUAL(at_once("GET /a HTTP/1.1\r\nHost: h\r\nA:  \t1 \t\r\nB:\r\n\r\n"), "GET /a |Host=h|A=1|B=\nend");
}

CAF_TEST(how a stream is cut does not change what it means) {
  const std::string streams[] = {
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\nA: 1\r\n\r\n\r\nPUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\nGET / "
    "HTTP/1.0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'x')
      + "\r\n1\r\nx\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'e') + "\r\nx\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: " + std::string(5000, 't') + "\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(5000, 'a') + "\r\n\r\n",
    "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\n\r\n",
    "GET /a HTTP/1.1\r\nHost: h\r\nA: 1\r\n B\r\n\r\n",
    "\r\n\r\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
  };
  std::mt19937 random{7};
  for (const auto& stream : streams) {
    const auto expected_meaning = at_once(stream);
    CAF_CHECK_EQUAL(meaning(stream, [] { return std::size_t{1}; }), expected_meaning);
    for (int round = 0; round < 50; ++round)
      CAF_REQUIRE_EQUAL(meaning(stream, [&] { return std::size_t{1} + random() % 97; }), expected_meaning);
  }
}

CAF_TEST(random bytes are refused or wanted more of and never understood) {
  std::mt19937 random{11};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(1 + random() % 200, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    const auto outcome = meaning(bytes, [&] { return std::size_t{1} + random() % 50; });
    CAF_REQUIRE(outcome == "cut off" || outcome.rfind("refused: ", 0) == 0);
  }
}

CAF_TEST(a request that is changed in one place is understood alike however it is cut) {
  const std::string good = "POST /b?c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nA: b\r\n\r\nhi";
  std::mt19937 random{13};
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const char c : {'\0', '\r', '\n', ' ', ':', '\x7f', '\xff', '9', '\t', ','}) {
      auto changed = good;
      changed[at] = c;
      const auto whole = at_once(changed);
      const auto piecemeal = meaning(changed, [] { return std::size_t{1}; });
      CAF_MESSAGE(at << " becomes " << static_cast<int>(c));
      // What comes in pieces may be waited for where the whole is refused: it is not understood either way.
      const auto cut = whole.rfind("refused: ");
      CAF_REQUIRE(piecemeal == whole || (cut != std::string::npos && piecemeal == whole.substr(0, cut) + "cut off"));
    }
}

CAF_TEST(an idle buffer is small and a busy one grows to its bound) {
  read_buffer input{8000};
  CAF_CHECK_EQUAL(input.prepare().size(), 1024U);
  put(input, std::string(8000, 'x'));
  CAF_CHECK(input.full());
  CAF_CHECK_EQUAL(input.unread().size(), 8000U);
  input.consume(7999);
  CAF_CHECK(!input.full());
  CAF_CHECK_EQUAL(input.prepare().size(), 7999U);
  CAF_CHECK_EQUAL(input.unread(), "x");
}

CAF_TEST(an answer is read when it is HTTP) {
  const auto answer = parse_answer("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno");
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 404U);
  CAF_CHECK_EQUAL(answer->content_type, "text/plain");
  CAF_CHECK_EQUAL(answer->body, "no");
  CAF_CHECK_EQUAL(parse_answer("HTTP/1.1 200 OK\r\n\r\nto the end")->body, "to the end");
  for (const auto* const bytes : {"", "HTTP/1.1 200 OK\r\n", "nonsense", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"})
    CAF_CHECK(!parse_answer(bytes));
}
