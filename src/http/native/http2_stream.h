#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "http/response_head.h"

namespace holysheep::native {

class Call;

// A stream of an HTTP/2 connection: how much of the request has left, and what
// of the response has arrived. On the loop only.
class Http2Stream {
 public:
  // `owner` is the call that the stream is for.
  explicit Http2Stream(Call& owner) : call(&owner) {}

  // Takes a header of a head or trailer; those of interim heads are forgotten,
  // and those of trailers only counted. Returns false if there are more than
  // ResponseHead::kMaxBytes or 1,000.
  bool TakeHeader(absl::string_view name, absl::string_view value);
  // The head is complete. Notifies the call if it is that of the response.
  void EndHead();

  // Copies the next bytes of the request's body to `to`, and sets `last` if
  // they are the last.
  size_t CopyBody(absl::Span<char> to, bool& last);
  bool sent_all() const;

  bool has_head() const { return has_head_; }
  bool too_long() const { return too_long_; }

  Call* call;             // Null once it is gone.
  bool complete = false;  // Whether all of the response has arrived.

 private:
  size_t body_sent_ = 0;
  int status_ = 0;
  ResponseHead::Headers headers_;
  size_t header_bytes_ = 0;
  size_t header_fields_ = 0;
  bool has_head_ = false;
  bool too_long_ = false;
};

}  // namespace holysheep::native
