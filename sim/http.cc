#include "sim/http.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "boost/beast/http/basic_parser.hpp"
#include "boost/beast/http/status.hpp"

namespace holysheep::sim {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

// The most that a body's buffer keeps between two requests.
constexpr std::size_t kMaxKept = 1 << 20;

absl::string_view View(string_view text) { return {text.data(), text.size()}; }

// The HTTP status to refuse with.
int StatusOf(const error_code& error) {
  if (error == http::error::bad_version) return 505;
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

}  // namespace

const std::string* HttpRequest::Header(absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

// Parses one request into an HttpRequest. Refuses some of what Beast takes:
// folded lines, and codings of the body other than `chunked`.
class HttpReader::Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(HttpRequest& request) : request_(request) {
    header_limit(kMaxHead);
    body_limit(kMaxBody);
  }

  // Parses the front of `data` and removes what it took. Returns the HTTP
  // status to refuse with, or 0.
  int Take(absl::string_view& data);

  bool TakeExpectation() {
    return is_header_done() && !is_done() && std::exchange(expectation_, false);
  }

 private:
  int TakeHead(absl::string_view& data);
  error_code Put(absl::string_view& data);

  void on_request_impl(http::verb, string_view method, string_view target,
                       int version, error_code&) override;
  void on_field_impl(http::field field, string_view name, string_view value,
                     error_code& error) override;
  void on_header_impl(error_code&) override {
    request_.keep_alive = keep_alive();
  }
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes,
                                 error_code& error) override {
    return on_body_impl(bytes, error);
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  HttpRequest& request_;
  std::size_t head_bytes_ = 0;
  bool expectation_ = false;
  bool unknown_coding_ = false;
};

int HttpReader::Parser::Take(absl::string_view& data) {
  if (!is_header_done()) {
    const int status = TakeHead(data);
    if (status != 0 || !is_header_done()) return status;
  }
  while (!is_done() && !data.empty()) {
    const error_code error = Put(data);
    if (error == http::error::need_more) return 0;
    if (error) return StatusOf(error);
  }
  return 0;
}

int HttpReader::Parser::TakeHead(absl::string_view& data) {
  // Empty lines before a request are tolerated (RFC 9112, 2.2).
  const absl::string_view all = data;
  while (!got_some() && !data.empty() && (data[0] == '\r' || data[0] == '\n')) {
    data.remove_prefix(1);
  }
  error_code error = http::error::need_more;
  if (!data.empty()) error = Put(data);
  const absl::string_view taken = all.substr(0, all.size() - data.size());
  head_bytes_ += taken.size();
  if (unknown_coding_) return 501;
  if (error && error != http::error::need_more) return StatusOf(error);
  // Beast limits the first line and the headers each.
  const std::size_t bytes = head_bytes_ + (error ? data.size() : 0);
  if (bytes > kMaxHead) return 431;
  // A folded line smuggles requests.
  const bool folded =
      absl::StrContains(taken, "\n ") || absl::StrContains(taken, "\n\t");
  return folded ? 400 : 0;
}

error_code HttpReader::Parser::Put(absl::string_view& data) {
  error_code error;
  data.remove_prefix(put({data.data(), data.size()}, error));
  return error;
}

void HttpReader::Parser::on_request_impl(http::verb, string_view method,
                                         string_view target, int version,
                                         error_code&) {
  request_.method.assign(method.data(), method.size());
  const absl::string_view path = View(target.substr(0, target.find('?')));
  request_.path.assign(path.data(), path.size());
  request_.http_1_0 = version == 10;
}

void HttpReader::Parser::on_field_impl(http::field field, string_view name,
                                       string_view value, error_code& error) {
  // The trailer's fields come here, too.
  if (is_header_done()) return;
  request_.headers.emplace_back(absl::AsciiStrToLower(View(name)), View(value));
  if (field == http::field::expect) {
    expectation_ = absl::EqualsIgnoreCase(View(value), "100-continue");
  }
  if (field == http::field::transfer_encoding &&
      !absl::EqualsIgnoreCase(View(value), "chunked")) {
    unknown_coding_ = true;
    error = http::error::bad_transfer_encoding;
  }
}

HttpReader::HttpReader() : parser_(std::make_unique<Parser>(request_)) {}
HttpReader::~HttpReader() = default;

HttpReader::State HttpReader::Feed(absl::string_view& data) {
  if (error_status_ != 0) return State::kError;
  const bool fresh = pending_.empty();
  if (!fresh) pending_.append(data.data(), data.size());
  absl::string_view rest = fresh ? data : absl::string_view(pending_);
  if (const int status = parser_->Take(rest); status != 0) return Fail(status);
  if (parser_->is_done()) {
    // The request ends in `data`, so what follows it is the end of `data`.
    data.remove_prefix(data.size() - rest.size());
    pending_.clear();
    return State::kDone;
  }
  data = {};
  if (rest.size() > kMaxHead) return Fail(431);
  if (fresh) {
    pending_.assign(rest.data(), rest.size());
  } else {
    pending_.erase(0, pending_.size() - rest.size());
  }
  return State::kMore;
}

HttpReader::State HttpReader::Fail(int status) {
  error_status_ = status;
  return State::kError;
}

bool HttpReader::TakeExpectation() {
  return error_status_ == 0 && parser_->TakeExpectation();
}

void HttpReader::Reset() {
  request_.method.clear();
  request_.path.clear();
  request_.headers.clear();
  request_.body.clear();
  if (request_.body.capacity() > kMaxKept) request_.body.shrink_to_fit();
  parser_ = std::make_unique<Parser>(request_);
  pending_.clear();
  error_status_ = 0;
}

absl::string_view ReasonPhrase(int status) {
  const http::status known = http::int_to_status(status);
  if (known == http::status::unknown) return "Other";
  return View(http::obsolete_reason(known));
}

}  // namespace holysheep::sim
