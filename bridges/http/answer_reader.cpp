// One of the two sources that include Boost.Beast; framing.cpp has the servers' side.
#include <troupe/bridges/http/answer_reader.hpp>

#include <optional>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <troupe/messages/values/greeting.hpp>

namespace troupe::http {

namespace beast = boost::beast;

class answer_reader::memory {
public:
  explicit memory(const answer_limits& bounds) : bounds_(bounds) { begin(answer_body::possible); }

  void begin(answer_body expected) {
    expected_ = expected;
    reset();
    unread_.clear();
    why_.clear();
    begun_ = false;
  }

  progress feed(std::string_view bytes) {
    begun_ = begun_ || !bytes.empty();
    unread_ += bytes;
    while (true) {
      beast::error_code error;
      const auto before = parser_->is_header_done();
      const auto used = parser_->put(boost::asio::const_buffer{unread_.data(), unread_.size()}, error);
      unread_.erase(0, used);
      if (error && error != beast::http::error::need_more)
        return fail(error);
      if (parser_->is_done()) {
        if (!interim())
          return whole();
        reset();
        continue;
      }
      if (error || unread_.empty() || (used == 0 && before == parser_->is_header_done()))
        return progress::need_more;
    }
  }

  progress finish() {
    beast::error_code error = beast::http::error::end_of_stream;
    if (parser_->got_some())
      parser_->put_eof(error);
    return error ? fail(error) : whole();
  }

  http_answer take() {
    auto& message = parser_->get();
    http_answer result;
    result.status = message.result_int();
    const auto type = message[beast::http::field::content_type];
    result.content_type.assign(type.data(), type.size());
    const auto [first, last] =
      message.equal_range(beast::string_view{header_name::missing.data(), header_name::missing.size()});
    for (auto each = first; each != last; ++each) {
      if (!result.missing.empty())
        result.missing += ", ";
      result.missing.append(each->value().data(), each->value().size());
    }
    for (const auto& each : message) {
      const std::string_view name{each.name_string().data(), each.name_string().size()};
      if (name.size() > metadata_prefix.size() && same_header_name(name.substr(0, metadata_prefix.size()), metadata_prefix))
        result.metadata.push_back(
          {lower_case(name.substr(metadata_prefix.size())), {each.value().data(), each.value().size()}});
    }
    result.body = std::move(message.body());
    result.wish = parser_->keep_alive() ? persistence::keep_alive : persistence::close;
    return result;
  }

  bool begun() const noexcept { return begun_; }
  bool surplus() const noexcept { return !unread_.empty(); }
  const std::string& why() const noexcept { return why_; }

private:
  void reset() {
    parser_.emplace();
    parser_->eager(true);
    parser_->skip(expected_ == answer_body::none);
    parser_->header_limit(static_cast<std::uint32_t>(bounds_.header_bytes));
    parser_->body_limit(bounds_.body_bytes);
  }

  // Such an answer is followed by the one that counts (RFC 9110, section 15.2).
  bool interim() { return parser_->get().result_int() >= 100 && parser_->get().result_int() < 200; }

  // Beast takes any three digits for a status.
  progress whole() { return parser_->get().result_int() < 100 ? fail(beast::http::error::bad_status) : progress::complete; }

  progress fail(const beast::error_code& error) {
    why_ = error.message();
    return progress::failed;
  }

  static constexpr std::string_view metadata_prefix = "grpc-metadata-";

  const answer_limits bounds_;
  answer_body expected_ = answer_body::possible;
  std::optional<beast::http::response_parser<beast::http::string_body>> parser_; // Beast's cannot be used twice
  std::string unread_;
  std::string why_;
  bool begun_ = false;
};

answer_reader::answer_reader(const answer_limits& bounds) : memory_(std::make_unique<memory>(bounds)) {}

answer_reader::~answer_reader() = default;

void answer_reader::begin(answer_body expected) {
  memory_->begin(expected);
}

answer_reader::progress answer_reader::feed(std::string_view bytes) {
  return memory_->feed(bytes);
}

answer_reader::progress answer_reader::finish() {
  return memory_->finish();
}

bool answer_reader::begun() const noexcept {
  return memory_->begun();
}

bool answer_reader::surplus() const noexcept {
  return memory_->surplus();
}

http_answer answer_reader::take() {
  return memory_->take();
}

const std::string& answer_reader::why() const noexcept {
  return memory_->why();
}

expected<http_answer> parse_answer(std::string_view bytes) {
  answer_reader reader{{.header_bytes = 64 * kibibyte, .body_bytes = 64 * mebibyte}};
  auto progress = reader.feed(bytes);
  if (progress == answer_reader::progress::need_more)
    progress = reader.finish();
  if (progress == answer_reader::progress::failed)
    return failure{errc::undecodable, "the answer is not HTTP: " + reader.why()};
  return reader.take();
}

} // namespace troupe::http
