#include "sim/http_parser.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace holysheep::sim {
namespace {

// Of a body's buffer, between two requests.
constexpr std::size_t kMaxKept = 1 << 20;

constexpr absl::string_view kHeadEnd = "\r\n\r\n";

// Cuts the text before `separator` off the front of `text`.
absl::string_view CutUntil(absl::string_view& text,
                           absl::string_view separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const absl::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + separator.size()));
  return part;
}

bool IsDigits(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

const std::string* HttpRequest::Header(absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

HttpParser::State HttpParser::Feed(absl::string_view& data) {
  while (stage_ != Stage::kDone && stage_ != Stage::kError) {
    if (data.empty()) return State::kMore;
    Step(data);
  }
  return stage_ == Stage::kDone ? State::kDone : State::kError;
}

void HttpParser::Step(absl::string_view& data) {
  switch (stage_) {
    case Stage::kHead:
      return ReadHead(data);
    case Stage::kSized:
    case Stage::kChunk:
      return ReadBody(data);
    case Stage::kChunkLine:
      return ReadChunkLine(data);
    case Stage::kChunkEnd:
      if (!ReadLine(data)) return;
      if (!line_.empty()) return Fail(400);
      stage_ = Stage::kChunkLine;
      return;
    case Stage::kTrailer:
      return ReadTrailer(data);
    case Stage::kDone:
    case Stage::kError:
      return;
  }
}

void HttpParser::ReadHead(absl::string_view& data) {
  const std::size_t before = line_.size();
  // The end may have begun in the bytes that came earlier.
  const std::size_t from = before < 3 ? 0 : before - 3;
  const std::size_t take = std::min(data.size(), kMaxHead + 1 - before);
  line_.append(data.data(), take);
  const std::size_t end = line_.find(kHeadEnd.data(), from, kHeadEnd.size());
  if (end == std::string::npos) {
    data.remove_prefix(take);
    if (line_.size() > kMaxHead) Fail(431);
    return;
  }
  data.remove_prefix(end + kHeadEnd.size() - before);
  ParseHead(absl::string_view(line_).substr(0, end));
  line_.clear();
}

void HttpParser::ParseHead(absl::string_view head) {
  // Empty lines before a request are tolerated (RFC 9112, 2.2).
  while (absl::ConsumePrefix(&head, "\r\n")) {
  }
  ParseRequestLine(CutUntil(head, "\r\n"));
  while (!head.empty() && stage_ != Stage::kError) {
    ParseHeader(CutUntil(head, "\r\n"));
  }
  if (stage_ != Stage::kError) StartBody();
}

void HttpParser::ParseRequestLine(absl::string_view line) {
  const absl::string_view method = CutUntil(line, " ");
  absl::string_view target = CutUntil(line, " ");
  if (method.empty() || target.empty()) return Fail(400);
  if (line != "HTTP/1.1" && line != "HTTP/1.0") return Fail(505);
  request_.http_1_0 = line == "HTTP/1.0";
  request_.keep_alive = !request_.http_1_0;
  request_.method.assign(method.data(), method.size());
  const absl::string_view path = CutUntil(target, "?");
  request_.path.assign(path.data(), path.size());
}

void HttpParser::ParseHeader(absl::string_view line) {
  const std::size_t colon = line.find(':');
  // A blank before the colon, or a folded line, smuggles requests.
  if (colon == absl::string_view::npos || colon == 0 ||
      absl::ascii_isspace(line.front()) ||
      absl::ascii_isspace(line[colon - 1])) {
    return Fail(400);
  }
  const auto& [name, value] = request_.headers.emplace_back(
      absl::AsciiStrToLower(line.substr(0, colon)),
      absl::StripAsciiWhitespace(line.substr(colon + 1)));
  ParseFraming(name, value);
}

void HttpParser::ParseFraming(const std::string& name,
                              const std::string& value) {
  if (name == "content-length") {
    std::size_t size = 0;
    if (!IsDigits(value) || !absl::SimpleAtoi(value, &size)) {
      return Fail(400);
    }
    if (sized_ && size != left_) return Fail(400);
    sized_ = true;
    left_ = size;
  } else if (name == "transfer-encoding") {
    if (!absl::EqualsIgnoreCase(value, "chunked")) return Fail(501);
    chunked_ = true;
  } else if (name == "connection") {
    const std::string options = absl::AsciiStrToLower(value);
    if (absl::StrContains(options, "close")) {
      request_.keep_alive = false;
    } else if (absl::StrContains(options, "keep-alive")) {
      request_.keep_alive = true;
    }
  } else if (name == "expect") {
    expectation_ = absl::EqualsIgnoreCase(value, "100-continue");
  }
}

void HttpParser::StartBody() {
  if (sized_ && chunked_) return Fail(400);
  if (chunked_) {
    stage_ = Stage::kChunkLine;
    return;
  }
  Expect(left_, Stage::kSized);
  if (left_ == 0 && stage_ == Stage::kSized) stage_ = Stage::kDone;
}

// Goes on to `size` more bytes of body, if there is room for them.
void HttpParser::Expect(std::size_t size, Stage stage) {
  if (size > kMaxBody - request_.body.size()) return Fail(413);
  left_ = size;
  stage_ = stage;
}

void HttpParser::ReadBody(absl::string_view& data) {
  const std::size_t take = std::min(data.size(), left_);
  request_.body.append(data.data(), take);
  data.remove_prefix(take);
  left_ -= take;
  if (left_ > 0) return;
  stage_ = stage_ == Stage::kSized ? Stage::kDone : Stage::kChunkEnd;
  line_.clear();
}

void HttpParser::ReadChunkLine(absl::string_view& data) {
  if (!ReadLine(data)) return;
  absl::string_view line = line_;
  const absl::string_view digits =
      absl::StripAsciiWhitespace(CutUntil(line, ";"));
  std::size_t size = 0;
  if (digits.empty() || digits.size() > 8 ||
      !absl::SimpleHexAtoi(digits, &size)) {
    return Fail(400);
  }
  line_.clear();
  if (size == 0) {
    stage_ = Stage::kTrailer;
  } else {
    Expect(size, Stage::kChunk);
  }
}

void HttpParser::ReadTrailer(absl::string_view& data) {
  if (!ReadLine(data)) return;
  if (line_.empty()) stage_ = Stage::kDone;
  line_.clear();
}

// Gathers a line; true when it is whole, without its end.
bool HttpParser::ReadLine(absl::string_view& data) {
  const std::size_t end = data.find('\n');
  const std::size_t take = std::min(end, data.size());
  line_.append(data.data(), std::min(take, kMaxHead));
  data.remove_prefix(end == absl::string_view::npos ? take : take + 1);
  if (line_.size() > kMaxHead) {
    Fail(431);
    return false;
  }
  if (end == absl::string_view::npos) return false;
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  return true;
}

void HttpParser::Fail(int status) {
  stage_ = Stage::kError;
  error_status_ = status;
}

bool HttpParser::TakeExpectation() {
  const bool waits = expectation_ && stage_ != Stage::kHead &&
                     stage_ != Stage::kDone && stage_ != Stage::kError;
  if (waits) expectation_ = false;
  return waits;
}

void HttpParser::Reset() {
  stage_ = Stage::kHead;
  request_.method.clear();
  request_.path.clear();
  request_.headers.clear();
  request_.body.clear();
  if (request_.body.capacity() > kMaxKept) request_.body.shrink_to_fit();
  request_.http_1_0 = false;
  request_.keep_alive = true;
  line_.clear();
  left_ = 0;
  sized_ = false;
  chunked_ = false;
  expectation_ = false;
  error_status_ = 0;
}

}  // namespace holysheep::sim
