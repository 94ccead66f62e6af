// One of the two sources that include Boost.Beast, which takes half a minute to compile; answer_reader.cpp has the clients'
// side.
#include <troupe/bridges/http/framing.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>

#include <boost/beast/http/basic_parser.hpp>

#include <troupe/bridges/http/target.hpp>

namespace troupe::http {

namespace beast = boost::beast;

using beast::error_code;
using beast_view = beast::string_view;

std::span<char> read_buffer::prepare() {
  constexpr std::size_t first = 1024;
  constexpr std::size_t least = 256;
  const auto kept = end_ - begin_;
  const bool wanting = (capacity_ != 0 && end_ == capacity_) || capacity_ - kept < least;
  if (wanting && capacity_ < at_most_) {
    capacity_ = std::min(at_most_, std::max(first, capacity_ * 2));
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::copy_n(bytes_.get() + begin_, kept, larger.get());
    bytes_ = std::move(larger);
  } else if (begin_ != 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
  }
  begin_ = 0;
  end_ = kept;
  return {bytes_.get() + end_, capacity_ - end_};
}

namespace {

constexpr std::size_t most_fields = 128;

// Where a field stands in the text of its header.
struct field_place {
  std::size_t at;
  std::size_t name_size;
  std::size_t value_size;
};

// How often the fields that frame a request were given, and what they said.
struct framing_fields {
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned codings = 0;
  bool only_chunked = true;
  bool only_digits = true;
};

bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

// What Beast reads is copied into our storage, because the connection's buffer moves on. Until the header is complete
// names and values are offsets, because the text may move while it grows.
class request_reader::memory {
public:
  explicit memory(const limits& bounds) : bounds_(bounds) { begin(); }

  void begin();
  progress feed(read_buffer& from);
  void release_body() noexcept;

  bool wants_continue() const noexcept { return expects_continue_ && body_.empty() && !parser_->is_done(); }

  request request_;
  std::optional<refusal> why_;
  std::string detail_;

private:
  friend class request_reader;

  class parser final : public beast::http::basic_parser<true> {
  public:
    explicit parser(memory& owner) : owner_(owner) {
      eager(true);
      // Where Beast's own limit falls depends on how the bytes were cut. What is counted is `count`'s; a line is as long as
      // the connection's buffer at most.
      header_limit(std::numeric_limits<std::uint32_t>::max());
      body_limit(owner.bounds_.body_bytes);
    }

  private:
    static std::string_view view(beast_view text) noexcept { return {text.data(), text.size()}; }

    void on_request_impl(beast::http::verb /*verb*/, beast_view verb, beast_view target, int version,
                         error_code& error) override {
      owner_.take_line(view(verb), view(target), version, error);
    }
    void on_response_impl(int /*status*/, beast_view /*reason*/, int /*version*/, error_code& /*error*/) override {}
    void on_field_impl(beast::http::field field, beast_view name, beast_view value, error_code& error) override {
      owner_.take_field(field, view(name), view(value), error);
    }
    void on_header_impl(error_code& error) override { owner_.finish_header(error); }
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& /*error*/) override {}
    std::size_t on_body_impl(beast_view bytes, error_code& /*error*/) override {
      owner_.body_.append(bytes.data(), bytes.size());
      return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t /*size*/, beast_view /*extensions*/, error_code& /*error*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*remaining*/, beast_view bytes, error_code& error) override {
      return on_body_impl(bytes, error);
    }
    void on_finish_impl(error_code& /*error*/) override {}

    memory& owner_;
  };

  std::size_t least_bytes() const noexcept;
  bool skip_empty_lines(read_buffer& from) const noexcept;
  bool is_folded(std::string_view name, std::string_view value) const noexcept;
  progress refuse(refusal why, std::string_view detail);
  progress refuse_by(error_code error);
  void stop(refusal why, std::string_view detail, error_code& error);
  void take_line(std::string_view verb, std::string_view target, int version, error_code& error);
  void take_field(beast::http::field field, std::string_view name, std::string_view value, error_code& error);
  void take_framing(beast::http::field field, std::string_view value, error_code& error);
  void finish_header(error_code& error);
  void count(std::size_t bytes, error_code& error);
  void resolve();

  const limits bounds_;
  std::optional<parser> parser_; // Beast's cannot be used twice
  std::string_view fed_;         // what the parser reads, while it does
  std::string text_;
  std::size_t verb_size_ = 0;
  std::size_t target_size_ = 0;
  std::vector<field_place> places_;
  std::vector<header_view> views_;
  std::string body_;
  std::size_t header_bytes_ = 0;
  framing_fields framing_;
  bool expects_continue_ = false;
};

void request_reader::memory::release_body() noexcept {
  constexpr std::size_t kept = 16 * kibibyte;
  request_.body = {};
  body_.clear();
  if (body_.capacity() > kept)
    std::string{}.swap(body_);
}

void request_reader::memory::begin() {
  text_.clear();
  places_.clear();
  views_.clear();
  release_body();
  request_ = {};
  why_.reset();
  detail_.clear();
  verb_size_ = target_size_ = header_bytes_ = 0;
  framing_ = {};
  expects_continue_ = false;
  parser_.emplace(*this);
}

request_reader::progress request_reader::memory::feed(read_buffer& from) {
  while (!parser_->is_done()) {
    if (!parser_->got_some() && !skip_empty_lines(from))
      return progress::need_more;
    const auto bytes = from.unread();
    if (bytes.size() < least_bytes())
      return progress::need_more;
    error_code error;
    fed_ = bytes;
    from.consume(parser_->put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error));
    if (error == beast::http::error::need_more) {
      if (!from.full())
        return progress::need_more;
      return refuse(refusal::header_too_large, "a line of the request is longer than the header limit");
    }
    if (error)
      return refuse_by(error);
  }
  request_.body = body_;
  return progress::complete;
}

// Whether what is left can be the beginning of a request.
bool request_reader::memory::skip_empty_lines(read_buffer& from) const noexcept {
  constexpr std::string_view empty_line = "\r\n";
  while (from.unread().starts_with(empty_line))
    from.consume(empty_line.size());
  return from.unread() != empty_line.substr(0, 1);
}

// Beast unfolds a value (RFC 9112, section 5.2) before it hands it over: one that is not in the line of its name,
// where a proxy in front would see it, was folded.
bool request_reader::memory::is_folded(std::string_view name, std::string_view value) const noexcept {
  const auto at = [this](const char* where) { return where - fed_.data(); }; // within one buffer, or far outside
  const auto after_name = static_cast<std::size_t>(at(name.data() + name.size()));
  const std::less<> before;
  if (before(value.data(), fed_.data()) || before(fed_.data() + fed_.size(), value.data() + value.size()))
    return true;
  const auto between = fed_.substr(after_name, static_cast<std::size_t>(at(value.data())) - after_name);
  return between.find('\n') != std::string_view::npos;
}

// Beast 1.81 asserts that it never looks twice at a last chunk of less than five bytes, which a first and last chunk that
// comes in pieces is. No chunked body is shorter than that, so waiting costs nothing.
std::size_t request_reader::memory::least_bytes() const noexcept {
  constexpr std::size_t shortest_chunked_body = 5;
  return parser_->is_header_done() && parser_->chunked() && body_.empty() ? shortest_chunked_body : 1;
}

request_reader::progress request_reader::memory::refuse(refusal why, std::string_view detail) {
  if (!why_) {
    why_ = why;
    detail_ = detail;
  }
  resolve();
  return progress::refused;
}

request_reader::progress request_reader::memory::refuse_by(error_code error) {
  if (error == beast::http::error::header_limit)
    return refuse(refusal::header_too_large, "the header is larger than the limit");
  if (error == beast::http::error::body_limit)
    return refuse(refusal::body_too_large, "the body is larger than the limit");
  return refuse(refusal::malformed, error.message());
}

void request_reader::memory::stop(refusal why, std::string_view detail, error_code& error) {
  static_cast<void>(refuse(why, detail));
  error = beast::http::error::bad_value;
}

void request_reader::memory::count(std::size_t bytes, error_code& error) {
  header_bytes_ += bytes;
  if (header_bytes_ > bounds_.header_bytes || places_.size() >= most_fields)
    error = beast::http::error::header_limit;
}

void request_reader::memory::take_line(std::string_view verb, std::string_view target, int version, error_code& error) {
  constexpr std::size_t around = 12; // two spaces, the version and the end of the line
  count(verb.size() + target.size() + around, error);
  text_.append(verb).append(target);
  verb_size_ = verb.size();
  target_size_ = target.size();
  request_.verb = method_from_string(verb);
  request_.version = static_cast<unsigned>(version);
}

void request_reader::memory::take_field(beast::http::field field, std::string_view name, std::string_view value,
                                        error_code& error) {
  constexpr std::size_t around = 4; // colon, space and the end of the line
  count(name.size() + value.size() + around, error);
  if (is_folded(name, value))
    return stop(refusal::malformed, "a header line begins with white space", error);
  // A trailer is counted and dropped: it may not say what the header did not.
  if (error || parser_->is_header_done())
    return;
  take_framing(field, value, error);
  places_.push_back({text_.size(), name.size(), value.size()});
  text_.append(name).append(value);
}

void request_reader::memory::take_framing(beast::http::field field, std::string_view value, error_code& error) {
  switch (field) {
    case beast::http::field::host:
      ++framing_.hosts;
      break;
    case beast::http::field::content_length:
      ++framing_.lengths;
      framing_.only_digits = framing_.only_digits && is_number(value);
      break;
    case beast::http::field::transfer_encoding:
      ++framing_.codings;
      framing_.only_chunked = framing_.only_chunked && same_header_name(value, "chunked");
      break;
    case beast::http::field::expect:
      if (!same_header_name(value, "100-continue"))
        return stop(refusal::expectation, "only 100-continue can be expected", error);
      expects_continue_ = request_.version == 11;
      break;
    default:
      break;
  }
}

void request_reader::memory::finish_header(error_code& error) {
  resolve();
  if (framing_.hosts > 1 || (framing_.hosts == 0 && request_.version == 11))
    return stop(refusal::malformed, "a request needs exactly one Host", error);
  if (framing_.hosts == 1 && !host_of(request_.authority))
    return stop(refusal::malformed, "the Host is malformed", error);
  if (framing_.lengths > 1 || !framing_.only_digits)
    return stop(refusal::malformed, "Content-Length is given more than once", error);
  if (framing_.codings > 0 && (framing_.lengths > 0 || request_.version == 10))
    return stop(refusal::malformed, "Transfer-Encoding contradicts the rest of the header", error);
  if (framing_.codings > 1 || !framing_.only_chunked)
    return stop(refusal::unsupported_coding, "the only transfer coding is chunked", error);
}

void request_reader::memory::resolve() {
  const std::string_view text = text_;
  request_.verb_text = text.substr(0, verb_size_);
  request_.target = text.substr(verb_size_, target_size_);
  views_.clear();
  for (const auto& place : places_)
    views_.push_back({text.substr(place.at, place.name_size), text.substr(place.at + place.name_size, place.value_size)});
  request_.headers = views_;
  for (const auto& each : views_) {
    if (same_header_name(each.name, "host"))
      request_.authority = each.value;
    else if (same_header_name(each.name, "x-request-id") && is_repeatable_id(each.value))
      request_.request_id = each.value;
  }
}

request_reader::request_reader(const limits& bounds) : memory_(std::make_unique<memory>(bounds)) {}

request_reader::~request_reader() = default;

void request_reader::begin() {
  memory_->begin();
}

request_reader::progress request_reader::feed(read_buffer& from) {
  return memory_->feed(from);
}

bool request_reader::begun() const noexcept {
  return memory_->parser_->got_some();
}

bool request_reader::header_complete() const noexcept {
  return memory_->parser_->is_header_done();
}

bool request_reader::wants_continue() const noexcept {
  return memory_->wants_continue();
}

void request_reader::release_body() noexcept {
  memory_->release_body();
}

request& request_reader::received() noexcept {
  return memory_->request_;
}

persistence request_reader::wish() const noexcept {
  return memory_->parser_->keep_alive() ? persistence::keep_alive : persistence::close;
}

refusal request_reader::why() const noexcept {
  return memory_->why_.value_or(refusal::malformed);
}

const std::string& request_reader::detail() const noexcept {
  return memory_->detail_;
}

} // namespace troupe::http
