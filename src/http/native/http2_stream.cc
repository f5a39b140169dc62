#include "http/native/http2_stream.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "http/native/call.h"

namespace holysheep::native {
namespace {

constexpr size_t kMaxHeaders = 1000;
// HTTP/1.1 would need as much for a colon, a blank and a line's end.
constexpr size_t kOverhead = 4;

}  // namespace

bool Http2Stream::TakeHeader(absl::string_view name, absl::string_view value) {
  header_bytes_ += name.size() + value.size() + kOverhead;
  too_long_ =
      header_bytes_ > ResponseHead::kMaxBytes || ++header_fields_ > kMaxHeaders;
  if (too_long_) return false;
  if (has_head_) return true;  // This is a trailer.
  if (name == ":status") {
    headers_.clear();
    return absl::SimpleAtoi(value, &status_);
  }
  headers_.emplace_back(std::string(name), absl::StripAsciiWhitespace(value));
  return true;
}

void Http2Stream::EndHead() {
  if (has_head_ || status_ < 200) return;
  has_head_ = true;
  call->OnHead(status_, headers_);
}

size_t Http2Stream::CopyBody(absl::Span<char> to, bool& last) {
  const std::string& body = call->request().body;
  const size_t size = std::min(to.size(), body.size() - body_sent_);
  std::memcpy(to.data(), body.data() + body_sent_, size);
  body_sent_ += size;
  last = sent_all();
  return size;
}

bool Http2Stream::sent_all() const {
  return body_sent_ == call->request().body.size();
}

}  // namespace holysheep::native
