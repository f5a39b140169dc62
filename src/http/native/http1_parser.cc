#include "http/native/http1_parser.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/beast/http/basic_parser.hpp"
#include "boost/beast/http/error.hpp"

namespace holysheep::native {
// Invariants: `message_` parses one response, interim or final; it is replaced
// after an interim one, as Beast's parser takes one message only. What Beast
// has not consumed of a head or a chunk's head waits in `left_`, at most
// ResponseHead::kMaxBytes.

namespace {

namespace http = boost::beast::http;
using Error = boost::system::error_code;
using boost::beast::string_view;

constexpr size_t kMaxFields = 1000;

}  // namespace

// The heads of one response, interim ones included. Not in the namespace
// without a name, as the parser has members of these types.
struct Http1Heads {
  ResponseHead::Headers headers;
  size_t bytes = 0;
  size_t fields = 0;
  int status = 0;
};

class Http1Message final : public http::basic_parser<false> {
 public:
  Http1Message(Http1Parser::Sink& sink, Http1Heads& heads, bool of_head)
      : sink_(sink), heads_(heads) {
    header_limit(ResponseHead::kMaxBytes);
    body_limit(boost::none);
    eager(true);
    skip(of_head);
    heads_.headers.clear();
  }

  // What OnBody has returned.
  absl::Status stopped;

 private:
  // Beast reads the lines of a long head one by one, so its own bound does not
  // hold for the whole.
  void Count(size_t bytes, Error& error) {
    heads_.bytes += bytes;
    if (heads_.bytes > ResponseHead::kMaxBytes || heads_.fields > kMaxFields) {
      error = http::error::header_limit;
    }
  }
  void Give(string_view data, Error& error) {
    if (data.empty()) return;
    stopped = sink_.OnBody({data.data(), data.size()});
    if (!stopped.ok()) error = http::error::end_of_stream;
  }

  void on_request_impl(http::verb, string_view, string_view, int,
                       Error&) override {}
  void on_response_impl(int code, string_view reason, int,
                        Error& error) override {
    heads_.status = code;
    // We never ask for another protocol.
    if (code < 100 || code == 101) error = http::error::bad_status;
    Count(reason.size() + 15, error);
  }
  void on_field_impl(http::field, string_view name, string_view value,
                     Error& error) override {
    ++heads_.fields;
    Count(name.size() + value.size() + 4, error);
    if (error || is_header_done()) return;  // This is a trailer.
    heads_.headers.emplace_back(
        absl::AsciiStrToLower({name.data(), name.size()}),
        std::string(value.data(), value.size()));
  }
  void on_header_impl(Error&) override {
    if (heads_.status >= 200) sink_.OnHead(heads_.status, heads_.headers);
  }
  void on_body_init_impl(const boost::optional<uint64_t>&, Error&) override {}
  size_t on_body_impl(string_view data, Error& error) override {
    Give(data, error);
    return data.size();
  }
  void on_chunk_header_impl(uint64_t, string_view, Error&) override {}
  size_t on_chunk_body_impl(uint64_t, string_view data, Error& error) override {
    Give(data, error);
    return data.size();
  }
  void on_finish_impl(Error&) override {}

  Http1Parser::Sink& sink_;
  Http1Heads& heads_;
};

class Http1Parser::Impl {
 public:
  explicit Impl(Sink& sink) : sink_(sink) {}

  void Begin(bool of_head) {
    of_head_ = of_head;
    heads_.bytes = 0;
    heads_.fields = 0;
    left_.clear();
    error_ = absl::OkStatus();
    message_.emplace(sink_, heads_, of_head);
  }

  State Put(absl::string_view bytes, size_t& rest);
  State PutEnd();
  bool keep_alive() const { return message_->keep_alive(); }
  const absl::Status& error() const { return error_; }

 private:
  State Parse(absl::string_view& bytes);
  State Refuse(absl::string_view why) {
    error_ = absl::InvalidArgumentError(why);
    return State::kMalformed;
  }

  Sink& sink_;
  bool of_head_ = false;
  Http1Heads heads_;
  std::optional<Http1Message> message_;
  std::string left_;
  absl::Status error_;
};

// Consumes what can be parsed of `bytes`.
Http1Parser::State Http1Parser::Impl::Parse(absl::string_view& bytes) {
  while (!bytes.empty()) {
    Error error;
    bytes.remove_prefix(
        message_->put(boost::asio::buffer(bytes.data(), bytes.size()), error));
    if (!message_->stopped.ok()) {
      error_ = message_->stopped;
      return State::kStopped;
    }
    if (error == http::error::need_more) break;
    if (error) return Refuse(error.message());
    if (!message_->is_done()) continue;
    if (heads_.status >= 200) return State::kDone;
    message_.emplace(sink_, heads_, of_head_);
  }
  return State::kMore;
}

Http1Parser::State Http1Parser::Impl::Put(absl::string_view bytes,
                                          size_t& rest) {
  rest = 0;
  std::string joined;
  if (!left_.empty()) {
    joined = std::exchange(left_, {});
    joined.append(bytes.data(), bytes.size());
    bytes = joined;
  }
  const State state = Parse(bytes);
  if (state == State::kDone) rest = bytes.size();
  if (state != State::kMore || bytes.empty()) return state;
  if (bytes.size() > ResponseHead::kMaxBytes) {
    return Refuse("a line is too long");
  }
  if (joined.empty()) {
    left_.assign(bytes.data(), bytes.size());
  } else {
    joined.erase(0, joined.size() - bytes.size());
    left_ = std::move(joined);
  }
  return state;
}

Http1Parser::State Http1Parser::Impl::PutEnd() {
  if (!message_->is_header_done() || !left_.empty()) return State::kMore;
  Error error;
  message_->put_eof(error);
  return !error && message_->is_done() ? State::kDone : State::kMore;
}

Http1Parser::Http1Parser(Sink& sink) : impl_(std::make_unique<Impl>(sink)) {}

Http1Parser::~Http1Parser() = default;

void Http1Parser::Begin(bool of_head) { impl_->Begin(of_head); }

Http1Parser::State Http1Parser::Put(absl::string_view bytes, size_t& rest) {
  return impl_->Put(bytes, rest);
}

Http1Parser::State Http1Parser::PutEnd() { return impl_->PutEnd(); }

bool Http1Parser::keep_alive() const { return impl_->keep_alive(); }

const absl::Status& Http1Parser::error() const { return impl_->error(); }

}  // namespace holysheep::native
