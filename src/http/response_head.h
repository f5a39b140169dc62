#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Collects the status and the headers of one response from its lines. Interim
// responses (1xx) and trailers are passed over.
class ResponseHead {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // All lines that come for one request, interim responses included.
  static constexpr size_t kMaxBytes = 65'536;

  // Takes the next line, with or without its line end. An error,
  // UPSTREAM_MALFORMED, means there have been too many.
  absl::Status TakeLine(absl::string_view line);

  // Whether the final response's last header has come.
  bool complete() const { return complete_; }
  int status() const { return status_; }
  // Names in lower case, values trimmed.
  const Headers& headers() const { return headers_; }

  void Clear();

 private:
  void TakeStatus(absl::string_view line);
  void TakeHeader(absl::string_view line);

  size_t bytes_ = 0;
  bool complete_ = false;
  int status_ = 0;
  Headers headers_;
};

}  // namespace holysheep
