#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Collects the status and headers of one response from its lines. Skips interim
// responses (1xx) and trailers. Not thread-safe. curl delivers the lines of all
// responses of a request, such as `100 Continue`, one after the other.
class ResponseHead {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // The bound on all lines of one request, interim responses included. Servers
  // and proxies usually bound theirs to 8 to 32 KiB.
  static constexpr size_t kMaxBytes = 65'536;

  // Adds the next line, with or without its line end. Returns
  // UPSTREAM_MALFORMED if there have been too many.
  absl::Status TakeLine(absl::string_view line);

  // Whether the final response's headers are complete.
  bool complete() const { return complete_; }
  // The HTTP status of the final response; 0 before it is known.
  int status() const { return status_; }
  // In order; names in lower case, values trimmed. Valid until the next
  // TakeLine.
  const Headers& headers() const { return headers_; }

  // Prepares for the next response.
  void Clear();

 private:
  // Begins a response: forgets the headers of the one before.
  void TakeStatus(absl::string_view line);
  // Adds a header, or continues the last one if the line is folded.
  void TakeHeader(absl::string_view line);

  size_t bytes_ = 0;
  bool complete_ = false;
  int status_ = 0;
  Headers headers_;
};

}  // namespace holysheep
